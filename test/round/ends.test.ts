/**
 * A legal act that makes the goal unreachable: its author is asked for confirmation, and bears the cost; the other seat does not.
 */
import { peerOf, type Seat, SEATS } from '../../protocol/seat.ts'
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { judgeAction } from '../../protocol/round/rules/judge.ts'
import { LEVELS, type Level } from '../../protocol/round/model/exercise.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'
import { CHOICES } from '../support/tls-choices.ts'

const alert = {
  kind: 'write',
  message: { kind: 'tls', choice: { say: 'Alert', alert: 'internal_error' } },
} as const satisfies SeatAction

/** A round in the middle of the TLS handshake: each side has sent something and has more to send. */
const begun = (level: Level): RoundFixture =>
  new RoundFixture(exercises.get('https-rsa')!, level).play(({ hosts }) => hosts.client.readMessages.includes('Certificate'))

const statuses = ({ seats }: World, seat: Seat) => seats[seat].milestones.map(({ status }) => status)

describe.each(SEATS)('RFC 5246 7.2.2: a fatal alert of the %s, after which nobody says anything', (seat) => {
  test.each(LEVELS)('at %s is asked about first, and nothing happens', (level) => {
    const fixture = begun(level)
    const heard = fixture.views[peerOf(seat)].length
    const { verdict, effects } = fixture.act(seat, alert)
    expect(verdict).toEqual({ outcome: 'asked', findings: [] })
    expect(effects).toEqual([])
    expect(fixture.views[peerOf(seat)]).toHaveLength(heard)
    expect(fixture.act(seat, alert).verdict.outcome, 'the same once more is no confirmation').toBe('asked')
    expect(fixture.play().world.over).toBe('goal')
    for (const each of SEATS) {
      const { eighths, of } = computeScore(fixture.world, each)
      expect(eighths, each).toBe(of)
    }
  })

  test.each(['guided', 'standard'] as const)(
    'at %s, if it is meant, it is said, and the round is over at its author’s cost alone',
    (level) => {
      const fixture = begun(level)
      fixture.act(seat, alert)
      expect(fixture.act(seat, { ...alert, sure: true }).verdict.outcome).toBe('accepted')
      expect(fixture.world.hosts[seat].writtenMessages.at(-1)?.name).toBe('Alert')
      expect(fixture.play().world.over).toBe('broken')
      expect(statuses(fixture.world, seat)).toContain('forfeited')
      expect(statuses(fixture.world, peerOf(seat))).not.toContain('forfeited')
      for (const each of SEATS) expect(statuses(fixture.world, each), each).not.toContain('open')
      const peer = computeScore(fixture.world, peerOf(seat))
      expect(peer.eighths, 'what the peer could not do any more leaves its maximum').toBe(peer.of)
    },
  )

  test('at exam it costs its author the round; the peer goes on from before it with the built-in partner, up to full marks', () => {
    const fixture = begun('exam')
    const before = fixture.world
    fixture.act(seat, alert)
    expect(fixture.act(seat, { ...alert, sure: true }).verdict.outcome).toBe('accepted')
    expect(fixture.world.hosts, 'nothing has been said').toEqual(before.hosts)
    expect(fixture.world.seats[seat].player).toBe('partner')
    expect(statuses(fixture.world, seat)).toEqual(statuses(before, seat).map((status) => (status === 'met' ? 'met' : 'forfeited')))
    expect(fixture.act(seat, { kind: 'hint' }).verdict.outcome, 'its author has no seat any more').toBe('barred')
    expect(fixture.play().world.over).toBe('goal')
    const earned = { author: computeScore(fixture.world, seat), peer: computeScore(fixture.world, peerOf(seat)) }
    expect(earned.author.eighths).toBeLessThan(earned.author.of)
    expect(earned.peer.eighths).toBe(earned.peer.of)
  })
})

describe.each(SEATS)('RFC 9293 3.10.5: a RST of the %s whose application has not called ABORT', (seat) => {
  test.each(LEVELS)('at %s is refused, and the connection stands', (level) => {
    const fixture = new RoundFixture(exercises.get('data')!, level)
    const own = seat === 'client' ? 1001 : 5001
    const seq = level === 'exam' ? `${own}` : seat === 'client' ? 'x+1' : 'y+1'
    const { verdict } = fixture.act(seat, { kind: 'send', segment: { bits: 4, seq, ack: '', length: 0 }, state: 'CLOSED' })
    expect(verdict.outcome).toBe('refused')
    expect(verdict.findings).toContainEqual(expect.objectContaining({ field: 'flags', given: 'RST' }))
    expect(fixture.play().world.over).toBe('goal')
  })
})

const inTls = loadExercises('exercises')
  .all()
  .filter(({ scenes }) => scenes.some(({ tls }) => tls))
  .flatMap((exercise) => [
    { id: exercise.id, exercise, wishes: { tcp: 'by-hand' } as const, first: 4, step: 7 },
    ...(exercise.tcp ? [{ id: `${exercise.id} on autopilot`, exercise, wishes: {}, first: 1, step: 3 }] : []),
  ])

test.each(inTls)('$id: whatever of TLS is legal at whatever moment locks nobody up', ({ exercise, wishes, first, step }) => {
  const { worlds } = new RoundFixture(exercise, 'guided', undefined, wishes).play()
  const locked: string[] = []
  let said = 0
  for (let moment = first; moment < worlds.length; moment += step)
    for (const seat of SEATS)
      for (const choice of CHOICES) {
        const world = worlds[moment]!
        const after = act(world, seat, { kind: 'write', message: { kind: 'tls', choice }, sure: true })
        if (!after) continue
        said++
        if (playOn(after).over === null) locked.push(`${seat} at ${moment}: ${JSON.stringify(choice)}`)
      }
  expect(said).toBeGreaterThan(10)
  expect(locked).toEqual([])
})

/** The world after an act; null if it is not accepted. */
function act(world: World, actor: Seat, action: SeatAction): World | null {
  const judgement = judgeAction(world, { actor, action, seen: null }, { tls: TLS_TOOLS, worldAsSeen: () => world })
  return judgement.verdict.outcome === 'accepted' ? judgement.after : null
}

/** Both seats do what the built-in partner would do, until the round is over or neither can act. */
function playOn(world: World): World {
  const after = SEATS.map((seat) => {
    const move = choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })
    return move && act(world, seat, move.action)
  }).find((next) => next)
  return world.over || !after ? world : playOn(after)
}
