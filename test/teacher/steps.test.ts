import { describe, expect, it } from 'vitest'
import { buildLogSteps } from '../../client/src/timeline/log-steps.ts'
import { readTimeline } from '../../protocol/round/fold/timeline.ts'
import { getGivenAsTyped } from '../../protocol/round/view/given-as-typed.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const played = (): RoundFixture => {
  const fixture = new RoundFixture(exercises.get('handshake')!)
  fixture.call('server', { call: 'OPEN', mode: 'passive' })
  fixture.call('client', { call: 'OPEN', mode: 'active' })
  fixture.send('client', 'S', 'x', '', 'SYN-SENT')
  fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
  return fixture
}

describe('the steps of a round', () => {
  it('name the states that each entry has changed, both at the start', () => {
    expect(buildLogSteps(readTimeline(played().entries)).map((step) => step.stateChanges)).toEqual([
      [
        { seat: 'client', state: 'CLOSED' },
        { seat: 'server', state: 'CLOSED' },
      ],
      [{ seat: 'server', state: 'LISTEN' }],
      [],
      [
        { seat: 'client', state: 'SYN-SENT' },
        { seat: 'server', state: 'SYN-RECEIVED' },
      ],
      [],
    ])
  })

  it('hold the world after each entry', () => {
    const { entries, world } = played()
    expect(buildLogSteps(readTimeline(entries)).at(-1)?.world).toEqual(world)
  })

  it('count real time from the first entry', () => {
    const entries = played().entries.map((entry, i) => ({ ...entry, at: new Date(i * 1_500).toISOString() }))
    expect(buildLogSteps(readTimeline(entries)).map((step) => step.elapsedMs)).toEqual([0, 1_500, 3_000, 4_500, 6_000])
  })

  it('are none of a log that has not been told yet', () => {
    expect(buildLogSteps([])).toEqual([])
  })

  it('show a number as it was typed', () => {
    const { action, verdict } = played().entries.at(-1)!
    expect(verdict.findings.map((finding) => getGivenAsTyped(finding, action))).toEqual(['x'])
  })
})
