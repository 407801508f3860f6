/** What follows by itself once an act has happened: application steps, injections, arrivals, milestones, the goal, the next scene. */
import { SEATS, type Seat } from '../../seat.ts'
import { isConditionMet, nextApplicationStep } from '../fold/progress.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { type ApplicationStep, type Deed } from '../model/exercise.ts'
import { deliverSegment, makeUserCall, writeMessage } from './host.ts'
import { wantedMessageOf } from './http-application.ts'
import { runEavesdropper } from './eavesdropper.ts'
import { isGoalReached, statusOf } from './goal.ts'
import { openingTcbsOf } from '../setup/opening.ts'
import { encodeMessage } from './message-encoding.ts'
import { injectSegment } from './transit.ts'
import type { World } from '../model/world.ts'
import { sceneOf } from '../fold/current-scene.ts'

/** Runs everything that happens by itself until nothing more follows. */
export function runToQuiescence(recorder: EffectRecorder): void {
  do {
    while (makeDueSteps(recorder) || injectDueSegment(recorder) || deliverDueSegment(recorder));
    updateMilestones(recorder)
  } while (advanceScene(recorder))
  if (recorder.world.over === 'broken') shutOpenMilestones(recorder)
}

/** After a broken connection, open milestones can no longer be met: they are shut and leave the maximum score. */
function shutOpenMilestones(recorder: EffectRecorder): void {
  for (const seat of SEATS)
    for (const { id, status } of recorder.world.seats[seat].milestones)
      if (status === 'open') recorder.record({ kind: 'milestone', seat, milestone: id, status: 'shut' })
}

function makeDueSteps(recorder: EffectRecorder): boolean {
  let made = false
  for (const seat of SEATS)
    for (
      let next = nextApplicationStep(recorder.world, seat);
      next?.ready && next.step.by === 'exercise';
      next = nextApplicationStep(recorder.world, seat)
    ) {
      if (!makeStep(recorder, seat, next.step)) break
      made = true
    }
  return made
}

/** An application makes a step by itself. */
function makeStep(recorder: EffectRecorder, seat: Seat, { call, write }: ApplicationStep): boolean {
  const { http } = sceneOf(recorder.world)
  if (call) return makeUserCall(recorder, seat, call, 'exercise')
  if (!write || !http) return false
  const encoded = encodeMessage(recorder.world, seat, 'exercise', wantedMessageOf(http, seat), recorder.tlsTools)
  return encoded.ok && writeMessage(recorder, seat, encoded)
}

function injectDueSegment(recorder: EffectRecorder): boolean {
  const { injections } = sceneOf(recorder.world)
  const due = injections.findIndex(
    ({ when, to }, i) => !recorder.world.injectionsSent.includes(i) && isConditionMet(recorder.world, when, to),
  )
  const injection = injections[due]
  if (!injection) return false
  recorder.record({ kind: 'set-out', injection: due })
  injectSegment(recorder, injection)
  return true
}

/** Segments whose time has come while something else happened, and those that are released. */
function deliverDueSegment(recorder: EffectRecorder): boolean {
  const { wire, clock } = recorder.world
  const flight = wire.find(
    ({ due, until, from }) =>
      (due !== null && due <= clock) || (until !== undefined && isConditionMet(recorder.world, until, from)),
  )
  if (!flight) return false
  deliverSegment(recorder, flight)
  return true
}

/** Updates what the application may do now and which milestones are open. */
function updateMilestones(recorder: EffectRecorder): void {
  for (const seat of SEATS) {
    const due = recorder.world.hosts[seat].stepsMade + (nextApplicationStep(recorder.world, seat)?.ready ? 1 : 0)
    if (due !== recorder.world.seats[seat].stepsDue) recorder.record({ kind: 'due', seat, calls: due })
  }
  openAndShutMilestones(recorder, false)
  if (isGoalReached(recorder.world)) runEavesdropper(recorder)
  openAndShutMilestones(recorder, true) // what opens at the goal: it is not reached while anything else is open
}

/** Opens and shuts the milestones that open at the goal, or all others. */
function openAndShutMilestones(recorder: EffectRecorder, atGoal: boolean): void {
  const goal = isGoalReached(recorder.world)
  for (const seat of SEATS)
    for (const { id, deed, opens } of sceneOf(recorder.world).milestones[seat]) {
      if ((opens === 'goal') !== atGoal) continue
      const status = statusOf(recorder.world, seat, id)
      const due = opens === 'goal' ? goal : isConditionMet(recorder.world, opens, seat) && !isOutOfReach(recorder.world, seat, deed)
      if (due === (status === 'open') || (status !== 'open' && status !== 'shut')) continue
      recorder.record({ kind: 'milestone', seat, milestone: id, status: due ? 'open' : 'shut' })
      if (due && 'chooses' in deed) recorder.record({ kind: 'asked', seat, question: id })
    }
}

/**
 * Whether a milestone can no longer be met: its state was left without an event to claim it on (an ACK with FIN passes CLOSE-WAIT by), its
 * connection was reset before the data were sent, or what was to be discarded has been answered otherwise.
 */
function isOutOfReach(world: World, seat: Seat, deed: Deed): boolean {
  const { visitedStates, tcb } = world.hosts[seat]
  const { openEvents } = world.seats[seat]
  if ('says' in deed)
    return visitedStates.includes(deed.says) && tcb.state !== deed.says && !openEvents.some((e) => e.state === deed.says)
  if ('sends' in deed && deed.sends === 'data') return visitedStates.includes('ESTABLISHED') && tcb.state === 'CLOSED'
  return 'discards' in deed && !openEvents.some((e) => e.discard === null && e.of?.includes(deed.discards))
}

/** A scene that has ended makes room for the next, or ends the round. True: a scene has opened, in which things may follow. */
function advanceScene(recorder: EffectRecorder): boolean {
  const { over, script, sceneIndex, seats } = recorder.world
  const open = SEATS.some((seat) => seats[seat].milestones.some(({ status }) => status === 'open'))
  if (over || open || !isGoalReached(recorder.world)) return false
  const next = script.scenes[sceneIndex + 1]
  if (!next) {
    recorder.record({ kind: 'over', why: 'goal' })
    return false
  }
  recorder.record({ kind: 'scene', scene: sceneIndex + 1, tcbs: openingTcbsOf(next) })
  return true
}
