import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { answer } from '../../protocol/world/answer.ts'
import { SEATS, type Seat } from '../../protocol/world/exercise.ts'
import type { SeatAction } from '../../protocol/world/action.ts'
import { STATES } from '../../protocol/tcp/states.ts'
import { score } from '../../protocol/world/score.ts'
import { Stage } from '../support/stage.ts'
import { written } from '../../protocol/world/partner.ts'

const exercises = loadExercises('exercises').all()

const number = fc.oneof(
  fc.constantFrom('', '0', 'x', 'x+1', 'y', 'y+1', 'u', 'u+1', 'v', 'v+1', 'x+1+20', '٣', 'x+', '99999999999'),
  fc.string({ maxLength: 12 }),
)
const state = fc.constantFrom(...STATES)
const call = fc.constantFrom<Extract<SeatAction, { type: 'call' }>['call']>(
  { call: 'OPEN', mode: 'active' },
  { call: 'OPEN', mode: 'passive' },
  { call: 'SEND', octets: 20 },
  { call: 'RECEIVE' },
  { call: 'CLOSE' },
  { call: 'ABORT' },
)
const action: fc.Arbitrary<SeatAction> = fc.oneof(
  fc.record({
    type: fc.constant('send' as const),
    segment: fc.record({ bits: fc.nat(255), seq: number, ack: number, length: fc.constantFrom(0, 0, 1, 20, 65_535) }),
    state,
  }),
  fc.record({ type: fc.constant('call' as const), call }),
  fc.record({ type: fc.constant('claim' as const), event: fc.nat(12), state }),
  fc.record({ type: fc.constant('discard' as const), event: fc.nat(12) }),
  fc.constantFrom<SeatAction>({ type: 'wait' }, { type: 'hint' }),
)
/** Either the engine's own answer, so that the round gets somewhere, or anything at all. */
const turn = fc.record({
  seat: fc.constantFrom<Seat>(...SEATS),
  action: fc.option(action, { nil: null, freq: 2 }),
  late: fc.nat(2),
})

describe.each(exercises)('$id, whatever is tried', (exercise) => {
  it('never throws; what is not accepted moves no host; points stay between none and all', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
        const stage = new Stage(exercise)
        for (const { seat, action, late } of turns) {
          const before = stage.world
          const what = action ?? written(before, seat, answer(before, seat))
          const seen = Math.max(0, stage.views[seat].length - late)
          const { verdict, effects } = stage.act(seat, what, seen)
          if (verdict.outcome === 'refused') {
            expect(verdict.findings.length).toBeGreaterThan(0)
            if (effects.every((e) => e.is !== 'invigilated')) expect(stage.world.hosts).toEqual(before.hosts)
          } else if (verdict.outcome !== 'accepted') {
            expect(effects).toEqual([])
          }
          if (verdict.outcome === 'barred') expect(verdict.reason).toBeDefined()
          for (const s of SEATS) {
            const { eighths, of } = score(stage.world, s)
            expect(eighths).toBeGreaterThanOrEqual(0)
            expect(eighths).toBeLessThanOrEqual(of)
          }
        }
      }),
      { seed: 5961, numRuns: 150 },
    )
  })
})
