/** What follows by itself once an act has happened: the exercise's calls and injections, held segments, milestones, the goal, the next scene. */
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

/** Settles until nothing more follows. */
export function runToQuiescence(course: EffectRecorder): void {
  do {
    while (makeDueSteps(course) || injectDueSegment(course) || deliverDueSegment(course));
    updateMilestones(course)
  } while (advanceScene(course))
  if (course.world.over === 'broken') shutOpenMilestones(course)
}

/** What nobody can do any more leaves the maximum. */
function shutOpenMilestones(course: EffectRecorder): void {
  for (const seat of SEATS)
    for (const { id, status } of course.world.seats[seat].milestones)
      if (status === 'open') course.record({ kind: 'milestone', seat, milestone: id, status: 'shut' })
}

function makeDueSteps(course: EffectRecorder): boolean {
  let made = false
  for (const seat of SEATS)
    for (
      let next = nextApplicationStep(course.world, seat);
      next?.ready && next.step.by === 'exercise';
      next = nextApplicationStep(course.world, seat)
    ) {
      if (!makeStep(course, seat, next.step)) break
      made = true
    }
  return made
}

/** An application makes a step by itself. */
function makeStep(course: EffectRecorder, seat: Seat, { call, write }: ApplicationStep): boolean {
  const { http } = sceneOf(course.world)
  if (call) return makeUserCall(course, seat, call, 'exercise')
  if (!write || !http) return false
  const encoded = encodeMessage(course.world, seat, 'exercise', wantedMessageOf(http, seat), course.tlsTools)
  return encoded.ok && writeMessage(course, seat, encoded)
}

function injectDueSegment(course: EffectRecorder): boolean {
  const { injections } = sceneOf(course.world)
  const due = injections.findIndex(
    ({ when, to }, i) => !course.world.injectionsSent.includes(i) && isConditionMet(course.world, when, to),
  )
  const injection = injections[due]
  if (!injection) return false
  course.record({ kind: 'set-out', injection: due })
  injectSegment(course, injection)
  return true
}

/** Segments whose time has come while something else happened, and those that are released. */
function deliverDueSegment(course: EffectRecorder): boolean {
  const { wire, clock } = course.world
  const flight = wire.find(
    ({ due, until, from }) => (due !== null && due <= clock) || (until !== undefined && isConditionMet(course.world, until, from)),
  )
  if (!flight) return false
  deliverSegment(course, flight)
  return true
}

/** What the application may do now, and which milestones are open. */
function updateMilestones(course: EffectRecorder): void {
  for (const seat of SEATS) {
    const due = course.world.hosts[seat].stepsMade + (nextApplicationStep(course.world, seat)?.ready ? 1 : 0)
    if (due !== course.world.seats[seat].stepsDue) course.record({ kind: 'due', seat, calls: due })
  }
  openAndShutMilestones(course, false)
  if (isGoalReached(course.world)) runEavesdropper(course)
  openAndShutMilestones(course, true) // what opens at the goal: it is not reached while anything else is open
}

/** Opens and shuts the milestones that open at the goal, or all others. */
function openAndShutMilestones(course: EffectRecorder, atGoal: boolean): void {
  const goal = isGoalReached(course.world)
  for (const seat of SEATS)
    for (const { id, deed, opens } of sceneOf(course.world).milestones[seat]) {
      if ((opens === 'goal') !== atGoal) continue
      const status = statusOf(course.world, seat, id)
      const due = opens === 'goal' ? goal : isConditionMet(course.world, opens, seat) && !isOutOfReach(course.world, seat, deed)
      if (due === (status === 'open') || (status !== 'open' && status !== 'shut')) continue
      course.record({ kind: 'milestone', seat, milestone: id, status: due ? 'open' : 'shut' })
      if (due && 'chooses' in deed) course.record({ kind: 'asked', seat, question: id })
    }
}

/**
 * Nothing is left to do it on. The host has left the state, and there is no event on which it could be said: an ACK with the FIN on it passes
 * CLOSE-WAIT by. The connection that was to bring the data over has been reset. Or what was to be discarded has been settled by going on.
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
function advanceScene(course: EffectRecorder): boolean {
  const { over, script, sceneIndex, seats } = course.world
  const open = SEATS.some((seat) => seats[seat].milestones.some(({ status }) => status === 'open'))
  if (over || open || !isGoalReached(course.world)) return false
  const next = script.scenes[sceneIndex + 1]
  if (!next) {
    course.record({ kind: 'over', why: 'goal' })
    return false
  }
  course.record({ kind: 'scene', scene: sceneIndex + 1, tcbs: openingTcbsOf(next) })
  return true
}
