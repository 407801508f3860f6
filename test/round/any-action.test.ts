import { SEATS, type Seat } from '../../protocol/seat.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import { STATES } from '../../protocol/tcp/states.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { RoundFixture } from '../support/round-fixture.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'
import { runs } from '../support/volume.ts'

const exercises = loadExercises('exercises').published()

const number = fc.oneof(
  fc.constantFrom('', '0', 'x', 'x+1', 'y', 'y+1', 'u', 'u+1', 'v', 'v+1', 'x+1+20', '٣', 'x+', '99999999999'),
  fc.string({ maxLength: 12 }),
)
const state = fc.constantFrom(...STATES)
const call = fc.constantFrom<Extract<SeatAction, { kind: 'call' }>['call']>(
  { call: 'OPEN', mode: 'active' },
  { call: 'OPEN', mode: 'passive' },
  { call: 'SEND', octets: 20 },
  { call: 'RECEIVE' },
  { call: 'CLOSE' },
  { call: 'ABORT' },
)
const action: fc.Arbitrary<SeatAction> = fc.oneof(
  fc.record({
    kind: fc.constant('send' as const),
    segment: fc.record({ bits: fc.nat(255), seq: number, ack: number, length: fc.constantFrom(0, 0, 1, 20, 65_535) }),
    state,
  }),
  fc.record({ kind: fc.constant('call' as const), call }),
  fc.record({ kind: fc.constant('claim' as const), event: fc.nat(12), state }),
  fc.record({ kind: fc.constant('discard' as const), event: fc.nat(12) }),
  fc.constantFrom<SeatAction>({ kind: 'wait' }, { kind: 'hint' }),
)
/** Either the engine's next action, so that the round makes progress, or any action at all. */
const turn = fc.record({
  seat: fc.constantFrom<Seat>(...SEATS),
  action: fc.option(action, { nil: null, freq: 2 }),
  late: fc.nat(2),
})

describe.each(exercises)('$id, whatever is tried', (exercise) => {
  it('never throws; what is not accepted moves no host; points stay between none and all', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
        const fixture = new RoundFixture(exercise)
        for (const { seat, action, late } of turns) {
          const before = fixture.world
          const what = action ?? toSeatAction(before, seat, nextEngineAction(before, seat))
          const seen = Math.max(0, fixture.views[seat].length - late)
          const { verdict, effects } = fixture.act(seat, what, seen)
          if (verdict.outcome === 'refused') {
            expect(verdict.findings.length).toBeGreaterThan(0)
            if (effects.every((e) => e.kind !== 'invigilated')) expect(fixture.world.hosts).toEqual(before.hosts)
          } else if (verdict.outcome !== 'accepted') {
            expect(effects).toEqual([])
          }
          if (verdict.outcome === 'barred') expect(verdict.reason).toBeDefined()
          for (const s of SEATS) {
            const { eighths, of } = computeScore(fixture.world, s)
            expect(eighths).toBeGreaterThanOrEqual(0)
            expect(eighths).toBeLessThanOrEqual(of)
          }
        }
      }),
      runs('roundsOfAnyActions'),
    )
  })
})
