/** A legal act that makes the goal unreachable: whoever does it is asked once more, and pays for it; the other seat does not. */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import type { SeatAction } from '../../protocol/world/action.ts'
import { LEVELS, peerOf, type Level, type Seat, SEATS } from '../../protocol/world/exercise.ts'
import { score } from '../../protocol/world/score.ts'
import type { World } from '../../protocol/world/world.ts'
import { exercises } from '../support/exercises.ts'
import { Stage } from '../support/stage.ts'

const alert = {
  type: 'write',
  message: { layer: 'tls', choice: { say: 'Alert', alert: 'internal_error' } },
} as const satisfies SeatAction

/** In the middle of TLS's handshake: each side has said something, and has more to say. */
const begun = (level: Level): Stage =>
  new Stage(exercises.get('https-rsa')!, level).play(({ hosts }) => hosts.client.read.includes('Certificate'))

const statuses = ({ seats }: World, seat: Seat) => seats[seat].milestones.map(({ status }) => status)

describe.each(SEATS)('RFC 5246 7.2.2: a fatal alert of the %s, after which nobody says anything', (seat) => {
  test.each(LEVELS)('at %s is asked about first, and nothing happens', (level) => {
    const stage = begun(level)
    const heard = stage.views[peerOf(seat)].length
    const { verdict, effects } = stage.act(seat, alert)
    expect(verdict).toEqual({ outcome: 'asked', findings: [] })
    expect(effects).toEqual([])
    expect(stage.views[peerOf(seat)]).toHaveLength(heard)
    expect(stage.act(seat, alert).verdict.outcome, 'the same once more is no confirmation').toBe('asked')
    expect(stage.play().world.over).toBe('goal')
    for (const each of SEATS) {
      const { eighths, of } = score(stage.world, each)
      expect(eighths, each).toBe(of)
    }
  })

  test.each(['guided', 'standard'] as const)(
    'at %s, if it is meant, it is said, and the round is over at its author’s cost alone',
    (level) => {
      const stage = begun(level)
      stage.act(seat, alert)
      expect(stage.act(seat, { ...alert, sure: true }).verdict.outcome).toBe('accepted')
      expect(stage.world.hosts[seat].wrote.at(-1)?.name).toBe('Alert')
      expect(stage.play().world.over).toBe('broken')
      expect(statuses(stage.world, seat)).toContain('forfeited')
      expect(statuses(stage.world, peerOf(seat))).not.toContain('forfeited')
      for (const each of SEATS) expect(statuses(stage.world, each), each).not.toContain('open')
      const peer = score(stage.world, peerOf(seat))
      expect(peer.eighths, 'what the peer could not do any more leaves its maximum').toBe(peer.of)
    },
  )

  test('at exam it costs its author the round; the peer goes on from before it with the built-in partner, up to full marks', () => {
    const stage = begun('exam')
    const before = stage.world
    stage.act(seat, alert)
    expect(stage.act(seat, { ...alert, sure: true }).verdict.outcome).toBe('accepted')
    expect(stage.world.hosts, 'nothing has been said').toEqual(before.hosts)
    expect(stage.world.seats[seat].player).toBe('partner')
    expect(statuses(stage.world, seat)).toEqual(statuses(before, seat).map((status) => (status === 'met' ? 'met' : 'forfeited')))
    expect(stage.act(seat, { type: 'hint' }).verdict.outcome, 'its author has no seat any more').toBe('barred')
    expect(stage.play().world.over).toBe('goal')
    const earned = { author: score(stage.world, seat), peer: score(stage.world, peerOf(seat)) }
    expect(earned.author.eighths).toBeLessThan(earned.author.of)
    expect(earned.peer.eighths).toBe(earned.peer.of)
  })
})

describe.each(SEATS)('RFC 9293 3.10.5: a RST of the %s whose application has not called ABORT', (seat) => {
  test.each(LEVELS)('at %s is refused, and the connection stands', (level) => {
    const stage = new Stage(exercises.get('data')!, level)
    const own = seat === 'client' ? 1001 : 5001
    const seq = level === 'exam' ? `${own}` : seat === 'client' ? 'x+1' : 'y+1'
    const { verdict } = stage.act(seat, { type: 'send', segment: { bits: 4, seq, ack: '', length: 0 }, state: 'CLOSED' })
    expect(verdict.outcome).toBe('refused')
    expect(verdict.findings).toContainEqual(expect.objectContaining({ field: 'flags', given: 'RST' }))
    expect(stage.play().world.over).toBe('goal')
  })
})

describe.each(
  loadExercises('exercises')
    .every()
    .filter(({ scenes }) => scenes.some(({ tls }) => tls)),
)('$id', (exercise) => {
  test.each(['internal_error', 'close_notify'] as const)('an alert at whatever moment, %s, locks nobody up', (name) => {
    const message = { layer: 'tls', choice: { say: 'Alert', alert: name } } as const
    const { entries } = new Stage(exercise).play()
    const ends = new Set<World['over']>()
    for (let moment = 5; moment < entries.length; moment += 11)
      for (const seat of SEATS) {
        const stage = new Stage(exercise).play(({ index }) => index >= moment)
        if (stage.act(seat, { type: 'write', message, sure: true }).verdict.outcome === 'accepted')
          ends.add(stage.play().world.over)
      }
    expect(ends.size).toBeGreaterThan(0)
    expect(ends).not.toContain(null)
  })
})
