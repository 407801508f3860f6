/** The deliberate mistakes of the built-in partner. */
import { SEATS, peerOf, type Seat } from '../../protocol/seat.ts'
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { nextMistake } from '../../protocol/round/play/partner-mistakes.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { type Exercise } from '../../protocol/round/model/exercise.ts'
import { RoundFixture } from '../support/round-fixture.ts'
import { seeds } from '../support/volume.ts'

const exercises = loadExercises('exercises').published()

/** Plays a person without mistakes in `seat` against a partner that makes mistakes. */
function played(exercise: Exercise, seat: Seat, seed: number, mistakes = true): RoundFixture {
  const peer = peerOf(seat)
  const fixture = new RoundFixture(exercise, 'guided', seededRandom(seed), {
    players: { client: 'partner', server: 'partner', [seat]: 'person' },
    partner: { style: 'exact', pace: 'at-once', mistakes },
  })
  for (let turn = 0; turn < 600 && !fixture.world.over; turn++) {
    if (turn % 2 === 0) {
      const move = choosePartnerMove(fixture.world, seat, { style: 'exact', pace: 'at-once' })
      if (move) expect(fixture.act(seat, move.action).verdict.outcome).toBe('accepted')
      continue
    }
    const mistake = nextMistake(fixture.world, peer)
    if (mistake === 'reaction') continue
    if (mistake) expect(fixture.control(mistake.action).verdict.outcome).toBe('accepted')
    else {
      const move = choosePartnerMove(fixture.world, peer, fixture.world.script.partner)
      if (move) expect(fixture.act(peer, move.action).verdict.outcome).toBe('accepted')
    }
  }
  return fixture
}
const planted = (fixture: RoundFixture) =>
  fixture.entries.flatMap(({ effects }) => effects.filter((e) => e.kind === 'injected' && e.as === 'planted'))

describe.each(exercises)('$id', (exercise) => {
  test.each(SEATS)('comes to its goal with full marks for whoever catches them as the %s', (seat) => {
    for (const seed of seeds('plantedMistakes')) {
      const fixture = played(exercise, seat, seed)
      expect(fixture.world.over, `seed ${seed}`).toBe('goal')
      const { eighths, of } = computeScore(fixture.world, seat)
      expect(eighths, `seed ${seed}`).toBe(of)
    }
  })
})

describe('a planted mistake', () => {
  const handshake = exercises.find(({ id }) => id === 'handshake')!
  const handshakes = seeds('plantedInHandshakes')
  const fixtures = handshakes.flatMap((seed) => SEATS.map((seat) => ({ seat, fixture: played(handshake, seat, seed) })))

  test('is there, is the same one for the same seed, and is none where nobody wants it', () => {
    expect(fixtures.flatMap(({ fixture }) => planted(fixture)).length).toBeGreaterThan(2)
    expect(played(handshake, 'client', 1).entries).toEqual(played(handshake, 'client', 1).entries)
    for (const seed of handshakes) expect(planted(played(handshake, 'client', seed, false))).toEqual([])
  })

  test('RFC 9293 3.10.7: is dropped, or answered with an ACK or a reset, and looks to its receiver like any segment of the peer', () => {
    for (const { fixture, seat } of fixtures) {
      expect(JSON.stringify(fixture.views[seat])).not.toContain('planted')
      for (const effect of planted(fixture)) if (effect.kind === 'injected') expect(effect.to).toBe(seat)
    }
  })
})
