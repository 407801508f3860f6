/** What the practice page remembers of the mistakes in its rounds. */
import { expect, it } from 'vitest'
import {
  listMisconceptions,
  parseConfusions,
  serializeConfusions,
  updateConfusions,
  type Confusion,
} from '../../client/src/practice/confusions.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const HANDSHAKE = { exercise: 'handshake', seat: 'server' } as const
const kept: readonly Confusion[] = [
  { misconception: 'isn-reset', exercise: 'data', seat: 'client' },
  { misconception: 'syn-consumes-one', ...HANDSHAKE },
]

it('a round names what its refusals show, each misconception once, the last one first', () => {
  const round = new RoundFixture(exercises.get('handshake')!)
  round.call('server', { call: 'OPEN', mode: 'passive' })
  round.call('client', { call: 'OPEN', mode: 'active' })
  round.send('client', 'S', 'x', '', 'SYN-SENT')
  for (const ack of ['x', 'x', 'y+1']) round.send('server', 'SA', 'y', ack, 'SYN-RECEIVED')
  round.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  expect(listMisconceptions(round.views.server)).toEqual(['own-isn-for-peer', 'syn-consumes-one'])
  expect(listMisconceptions(round.views.client)).toEqual([])
})

it('what is confused anew comes first, and is kept once', () => {
  expect(updateConfusions(kept, { exercise: 'close-client', seat: 'client' }, ['syn-consumes-one'])).toEqual([
    { misconception: 'syn-consumes-one', exercise: 'close-client', seat: 'client' },
    kept[0],
  ])
})

it('an exercise played again without the mistake is forgotten', () => {
  expect(updateConfusions(kept, HANDSHAKE, [])).toEqual([kept[0]])
  expect(updateConfusions(kept, { exercise: 'handshake', seat: 'client' }, [])).toEqual(kept)
})

it('it is kept as text; what this version does not know is left out', () => {
  expect(parseConfusions(serializeConfusions(kept))).toEqual(kept)
  expect(parseConfusions('isn-reset@data:client no-such@data:client isn-reset@data:nobody isn-reset ')).toEqual([kept[0]])
})
