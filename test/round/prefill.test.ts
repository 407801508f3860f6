/** Faded help in practice: the next segment is filled in, except for one or two fields. */
import { describe, expect, it } from 'vitest'
import { listOpenFields } from '../../client/src/round/open-fields.ts'
import { INITIAL_STATE, reduceRound, type RoundState } from '../../client/src/round/round-state.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import type { Partner } from '../../protocol/round/model/script.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { ACK, SYN } from '../../protocol/segment.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const begin = (leaves?: Partner['leaves']) => {
  const round = new RoundFixture(exercises.get('handshake')!, 'guided', undefined, { partner: leaves ? { leaves } : {} })
  const prefill = (seat: 'client' | 'server') => round.views[seat].at(-1)?.now.prefill
  return { round, prefill }
}
const open = ({ round }: ReturnType<typeof begin>) => {
  round.call('server', { call: 'OPEN', mode: 'passive' })
  round.call('client', { call: 'OPEN', mode: 'active' })
}

describe('what is filled in', () => {
  it('is nothing while nothing is to be sent, and the view has no such field without the help', () => {
    expect(begin('one-field').prefill('client')).toBeNull()
    const without = begin()
    open(without)
    expect(without.round.views.client.every(({ now }) => !('prefill' in now))).toBe(true)
  })

  it('is the engine’s next segment with one field open, another one each time', () => {
    const help = begin('one-field')
    open(help)
    expect(help.prefill('client')).toEqual({ bits: SYN, seq: '', ack: '', length: 0, state: 'SYN-SENT' })
    help.round.send('client', 'S', 'x', '', 'SYN-SENT')
    expect(help.prefill('client')).toBeNull()
    expect(help.prefill('server')).toEqual({ bits: SYN | ACK, seq: 'y', ack: 'x+1', length: 0, state: '' })
  })

  it('has two fields open if that is wanted', () => {
    const help = begin('two-fields')
    open(help)
    expect(help.prefill('client')).toEqual({ bits: SYN, seq: '', ack: '', length: 0, state: '' })
  })

  it('is said by its open fields; that of the ack is not told while the control bits are open, since it would tell the ACK bit', () => {
    const filled = { bits: SYN | ACK, seq: 'y', ack: 'x+1', length: 0, state: 'SYN-RECEIVED' } as const
    expect(listOpenFields({ ...filled, seq: '', state: '' })).toEqual(['seq', 'state'])
    expect(listOpenFields({ ...filled, ack: '' })).toEqual(['ack'])
    expect(listOpenFields({ ...filled, bits: 0, ack: '' })).toEqual(['flags'])
    expect(listOpenFields({ ...filled, bits: SYN, ack: '', state: '' })).toEqual(['state'])
  })

  it('earns no points', () => {
    const { round } = begin('one-field')
    expect(computeScore(round.play().world, 'client')).toMatchObject({ of: 0 })
  })
})

describe('the form', () => {
  const { round } = begin('one-field')
  round.call('server', { call: 'OPEN', mode: 'passive' })
  const show = (state: RoundState, views: readonly PlayerView[]) =>
    reduceRound(
      state,
      { kind: 'views', round: 'r', views: views.map(({ n, event, now }) => ({ n, event, now: [now] as const })) },
      () => null,
    )
  const place = { id: 'r', seat: 'client', leg: 1, legs: 1, level: 'guided', notation: 'textbook' } as RoundState['round']
  const before = show({ ...INITIAL_STATE, round: place }, round.views.client)
  round.call('client', { call: 'OPEN', mode: 'active' })
  const news = round.views.client.slice(before.views.length)

  it('is filled in when it is empty', () => {
    expect(show(before, news).draft).toMatchObject({ bits: SYN, seq: '', state: 'SYN-SENT', length: '' })
  })

  it('keeps what the student has begun to write', () => {
    const begun = { ...before, draft: { ...before.draft, seq: 'x' } }
    expect(show(begun, news).draft).toEqual(begun.draft)
  })
})
