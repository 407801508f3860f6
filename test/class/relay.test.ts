import { describe, expect, test } from 'vitest'
import type { RelayPhoneView, RelayScreenView } from '../../protocol/class/relay/relay-views.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { ACK, SYN } from '../../protocol/segment.ts'
import { ActivityFixture } from '../support/activity.ts'

const SETUP = { kind: 'longest-wire', seed: 5, iss: { client: 4_294_967_290, server: 7_000 } } as const

/** A line of so many phones. */
function lineUp(phones: number): ActivityFixture {
  const at = new ActivityFixture(SETUP)
  for (let i = 1; i <= phones; i++) at.act(`p${i}`, { kind: 'enter' })
  return at
}
const screenOf = (at: ActivityFixture) => at.activity.viewForScreen() as RelayScreenView
const phoneOf = (at: ActivityFixture, id: string) => at.activity.viewFor(id) as RelayPhoneView | null

describe.each([1, 3, 30, 150])('a line of %i phones', (phones) => {
  test('has one connection from the first SYN to the last ACK, in which everybody has a turn', () => {
    const at = lineUp(phones)
    const had = new Set<number>()
    for (let turn = 0; turn < 2 * phones + 20 && !screenOf(at).over; turn++) {
      const { turn: number } = screenOf(at)
      had.add(number)
      expect(phoneOf(at, `p${number}`)).toMatchObject({ ahead: 0, reason: null })
      expect(at.act(`p${number}`, { kind: 'send-due' }).verdict.outcome).toBe('accepted')
    }
    expect(screenOf(at)).toMatchObject({ over: true, states: { client: 'TIME-WAIT', server: 'CLOSED' }, refused: 0 })
    expect(had.size).toBe(phones)
    // Nobody waits much longer than for one segment of each.
    expect(screenOf(at).sent).toBeLessThanOrEqual(phones + 12)
    at.foldAnew()
  })

  test('goes on while phones come late, leave, err and act out of turn', () => {
    const random = seededRandom(phones)
    const at = new ActivityFixture(SETUP)
    let come = 0
    const left = new Set<number>()
    for (let turn = 0; turn < 60 * phones + 400 && !screenOf(at).over; turn++) {
      const { turn: number } = screenOf(at)
      const what = random()
      if (come < phones && (come === 0 || what < 0.3)) at.act(`p${++come}`, { kind: 'enter' })
      else if (left.has(number)) at.act('teacher', left.size >= come ? { kind: 'close' } : { kind: 'pass-on' })
      else if (what < 0.33 && left.size < phones - 1) left.add(number)
      else if (what < 0.5)
        at.act(`p${number}`, { kind: 'send', segment: { bits: SYN | ACK, seq: 'x+9', ack: 'y+9', length: 3 }, state: 'CLOSED' })
      else if (what < 0.6) expect(at.act(`p${number + 1}`, { kind: 'send-due' }).verdict.outcome).toBe('barred')
      else at.act(`p${number}`, { kind: 'send-due' })
      if (turn === 40 * phones + 200) at.act('teacher', { kind: 'close' })
    }
    expect(screenOf(at).over).toBe(true)
    at.foldAnew()
  })
})

test('a wrong segment is refused, stays the turn of whoever wrote it, and is counted', () => {
  const at = lineUp(3)
  const wrong = at.act('p1', { kind: 'send', segment: { bits: SYN, seq: 'x+1', ack: '', length: 0 }, state: 'SYN-SENT' })
  expect(wrong.verdict).toMatchObject({ outcome: 'refused', findings: [{ field: 'seq' }] })
  expect(screenOf(at)).toMatchObject({ turn: 1, refused: 1, sent: 0 })
  at.act('p1', { kind: 'send', segment: { bits: SYN, seq: 'x', ack: '', length: 0 }, state: 'SYN-SENT' })
  expect(screenOf(at)).toMatchObject({ turn: 2, seat: 'server', latest: [{ by: 1, from: 'client', segment: { seq: 'x' } }] })
  expect(phoneOf(at, 'p2')).toMatchObject({ seat: 'server', state: 'SYN-RECEIVED', heard: { bits: SYN, seq: 'x' } })
  expect(phoneOf(at, 'p1')).toMatchObject({ ahead: 2, reason: 'not-yet' })
})

test('only the teacher passes a turn on or has the connection closed, and what the projector is sent names nobody', () => {
  const at = lineUp(3)
  expect(at.act('p1', { kind: 'pass-on' }).verdict.reason).toBe('not-yours')
  expect(at.act('p1', { kind: 'close' }).verdict.reason).toBe('not-yours')
  at.act('teacher', { kind: 'pass-on' })
  expect(screenOf(at).turn).toBe(2)
  expect(JSON.stringify(screenOf(at))).not.toMatch(/"p\d+"/)
})
