/** Shows a seat one rung of the hint. */
import type { Seat } from '../../seat.ts'
import type { HintRung } from '../model/action.ts'
import type { World } from '../model/world.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { nextHostTask } from './next-action.ts'

/** Records that the seat has this rung of the milestone's hint. What it costs, if anything, is recorded by the caller. */
export function recordHint(recorder: EffectRecorder, world: World, seat: Seat, milestone: string, rung: HintRung): void {
  const answer = rung === 3 ? { answer: nextHostTask(world, seat) } : {}
  recorder.record({ kind: 'hinted', seat, milestone, rung, ...answer })
}
