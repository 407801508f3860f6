/** How a scene would go on from here if the built-in partner played both seats. Decides whether an act gives up what is still to be earned. */
import { SEATS, type Seat } from '../../seat.ts'
import type { World } from '../model/world.ts'
import { advanceClock } from './clock.ts'
import type { PermittedDecision } from './decision.ts'
import { EffectRecorder } from './effect-recorder.ts'
import { nextEngineAction } from './next-action.ts'
import { playForSeat } from './play-for-seat.ts'
import { runToQuiescence } from './quiescence.ts'
import type { TlsTools } from './tls-end.ts'

/** More acts than any scene takes. */
const MAX_ACTS = 400

/**
 * Whether, after this act, the scene's goal is out of reach, or the seat can no longer meet milestones that it could have met without it.
 * After a fatal alert neither side can send, and after close_notify its sender cannot, although there may be something left to say.
 */
export function givesUpMilestones(world: World, seat: Seat, act: PermittedDecision, tools: TlsTools | undefined): boolean {
  const after = foresee(world, seat, tools, act)
  if (!after.reached) return true
  return foresee(world, seat, tools).met.some((id) => !after.met.includes(id))
}

/** Plays the scene to its end, beginning with `first`. `met`: the seat's milestones that are met then. */
function foresee(
  world: World,
  seat: Seat,
  tools: TlsTools | undefined,
  first?: PermittedDecision,
): { readonly reached: boolean; readonly met: readonly string[] } {
  const recorder = new EffectRecorder(freeWire(world), tools)
  const isOver = () => recorder.world.over !== null || recorder.world.sceneIndex !== world.sceneIndex
  first?.execute(recorder)
  runToQuiescence(recorder)
  for (let act = 0; act < MAX_ACTS && !isOver(); act++) {
    const before = recorder.world
    const mover =
      SEATS.find((s) => nextEngineAction(before, s).kind !== 'wait') ?? SEATS.find((s) => !before.seats[s].waitRequested)
    if (!mover) break
    playForSeat(recorder, mover, nextEngineAction(before, mover))
    runToQuiescence(recorder)
    if (advanceClock(recorder)) runToQuiescence(recorder)
    if (recorder.world === before) break
  }
  const { over, sceneIndex, seats } = recorder.world
  return {
    reached: over === 'goal' || sceneIndex !== world.sceneIndex,
    met: seats[seat].milestones.flatMap(({ id, status }) => (status === 'met' ? [id] : [])),
  }
}

/** The world with a wire on which nothing waits for somebody's hand. */
const freeWire = (world: World): World => ({
  ...world,
  wireStopped: false,
  wire: world.wire.map((flight) => (flight.due === null ? { ...flight, due: world.clock } : flight)),
})
