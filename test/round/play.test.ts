import { SEATS } from '../../protocol/seat.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import { LEVELS } from '../../protocol/round/model/exercise.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { RoundFixture } from '../support/round-fixture.ts'
import { runs } from '../support/volume.ts'

const exercises = loadExercises('exercises').published()
const isn = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe.each(exercises)('$id, played by the engine’s own answers', (exercise) => {
  it('reaches its goal from any initial numbers, at every level, whoever acts first, with full marks', () => {
    fc.assert(
      fc.property(isn, isn, fc.constantFrom(...LEVELS), fc.infiniteStream(fc.boolean()), (client, server, level, turns) => {
        const fixture = new RoundFixture(exercise, level, { client, server })
        for (let i = 0; i < 200 && !fixture.world.over; i++) {
          const seat = turns.next().value ? 'client' : 'server'
          const move = choosePartnerMove(fixture.world, seat, { style: 'exact', pace: 'at-once' })
          if (move) expect(fixture.act(seat, move.action).verdict.outcome).toBe('accepted')
        }
        expect(fixture.world.over).toBe('goal')
        for (const seat of SEATS) {
          const { eighths, of } = computeScore(fixture.world, seat)
          expect(eighths).toBe(of)
        }
        // The log is the source of truth: folding its rows gives the same world.
        expect(foldEntries(JSON.parse(JSON.stringify(fixture.entries)))).toEqual(JSON.parse(JSON.stringify(fixture.world)))
        for (const seat of SEATS) expect(fixture.views[seat].map((v) => v.n)).toEqual(fixture.views[seat].map((_, i) => i + 1))
      }),
      runs('straightRounds'),
    )
  })
})
