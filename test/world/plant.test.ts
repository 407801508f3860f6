/** The mistakes that the built-in partner plants. */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { partnerMove } from '../../protocol/world/partner.ts'
import { mistakeNext } from '../../protocol/world/plant.ts'
import { score } from '../../protocol/world/score.ts'
import { seeded } from '../../protocol/world/seeded.ts'
import { SEATS, peerOf, type Exercise, type Seat } from '../../protocol/world/exercise.ts'
import { Stage } from '../support/stage.ts'

const exercises = loadExercises('exercises').all()
const SEEDS = [1, 2, 3, 4, 5, 6]

/** A person who knows everything in `seat`, and a partner that makes mistakes. */
function played(exercise: Exercise, seat: Seat, seed: number, mistakes = true): Stage {
  const peer = peerOf(seat)
  const stage = new Stage(exercise, 'guided', seeded(seed), {
    players: { client: 'partner', server: 'partner', [seat]: 'person' },
    partner: { style: 'exact', pace: 'at-once', mistakes },
  })
  for (let turn = 0; turn < 600 && !stage.world.over; turn++) {
    if (turn % 2 === 0) {
      const move = partnerMove(stage.world, seat, { style: 'exact', pace: 'at-once' })
      if (move) expect(stage.act(seat, move.action).verdict.outcome).toBe('accepted')
      continue
    }
    const mistake = mistakeNext(stage.world, peer)
    if (mistake === 'reaction') continue
    if (mistake) expect(stage.control(mistake.action).verdict.outcome).toBe('accepted')
    else {
      const move = partnerMove(stage.world, peer, stage.world.script.partner)
      if (move) expect(stage.act(peer, move.action).verdict.outcome).toBe('accepted')
    }
  }
  return stage
}
const planted = (stage: Stage) =>
  stage.entries.flatMap(({ effects }) => effects.filter((e) => e.is === 'injected' && e.as === 'planted'))

describe.each(exercises)('$id', (exercise) => {
  test.each(SEATS)('comes to its goal with full marks for whoever catches them as the %s', (seat) => {
    for (const seed of SEEDS) {
      const stage = played(exercise, seat, seed)
      expect(stage.world.over, `seed ${seed}`).toBe('goal')
      const { eighths, of } = score(stage.world, seat)
      expect(eighths, `seed ${seed}`).toBe(of)
    }
  })
})

describe('a planted mistake', () => {
  const handshake = exercises.find(({ id }) => id === 'handshake')!
  const stages = SEEDS.flatMap((seed) => SEATS.map((seat) => ({ seat, stage: played(handshake, seat, seed) })))

  test('is there, is the same one for the same seed, and is none where nobody wants it', () => {
    expect(stages.flatMap(({ stage }) => planted(stage)).length).toBeGreaterThan(2)
    expect(played(handshake, 'client', 1).entries).toEqual(played(handshake, 'client', 1).entries)
    for (const seed of SEEDS) expect(planted(played(handshake, 'client', seed, false))).toEqual([])
  })

  test('RFC 9293 3.10.7: is dropped, or answered with an ACK or a reset, and looks to its receiver like any segment of the peer', () => {
    for (const { stage, seat } of stages) {
      expect(JSON.stringify(stage.views[seat])).not.toContain('planted')
      for (const effect of planted(stage)) if (effect.is === 'injected') expect(effect.to).toBe(seat)
    }
  })
})
