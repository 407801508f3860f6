/** What follows automatically from an act: application steps, injections, arrivals, milestones, the goal, the next scene. */
import { SEATS, type Seat } from '../../seat.ts'
import { flyOnAutopilot } from './autopilot.ts'
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

/** Runs everything that happens automatically, until nothing more does. */
export function runToQuiescence(recorder: EffectRecorder): void {
  do {
    while (makeDueSteps(recorder) || injectDueSegment(recorder) || deliverDueSegment(recorder) || flyOnAutopilot(recorder));
    updateMilestones(recorder)
  } while (advanceScene(recorder))
  if (recorder.world.over === 'broken') shutOpenMilestones(recorder)
}

/** After a broken connection, open milestones can no longer be met. They are shut, which removes them from the maximum score. */
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

/** The exercise's application makes a step. Returns whether it succeeded. */
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

/** Delivers one segment whose arrival time has been reached or whose `until` condition holds. Returns whether there was one. */
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
  openAndShutMilestones(recorder, true) // must come last: the goal is not reached while other milestones are open
}

/** Opens and shuts milestones. `atGoal`: handle those that open at the goal, otherwise all the others. */
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
 * Whether a milestone can no longer be met: the host has left the state and no open event allows claiming it (a seat that acknowledges a FIN
 * with FIN,ACK skips CLOSE-WAIT), the connection was closed before the data were sent, or there is no open event that the seat could rightly
 * discard.
 */
function isOutOfReach(world: World, seat: Seat, deed: Deed): boolean {
  const { visitedStates, tcb } = world.hosts[seat]
  const { openEvents } = world.seats[seat]
  if ('says' in deed)
    return visitedStates.includes(deed.says) && tcb.state !== deed.says && !openEvents.some((e) => e.state === deed.says)
  if ('sends' in deed && deed.sends === 'data') return visitedStates.includes('ESTABLISHED') && tcb.state === 'CLOSED'
  return 'discards' in deed && !openEvents.some((e) => e.discard === null && e.of?.includes(deed.discards))
}

/** Once the scene is complete, opens the next one or ends the round. True if a scene has opened, in which more may happen automatically. */
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
