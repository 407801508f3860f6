/** What follows by itself once an act has happened: the exercise's calls and injections, held segments, milestones, the goal, the next scene. */
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import { createTcb, createEstablishedTcb, returnToListen, type Tcb } from '../../tcp/tcb.ts'
import { add } from '../../seq.ts'
import { isConditionMet, nextApplicationStep, openQuestion } from '../fold/progress.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { type ApplicationStep, type Deed } from '../model/exercise.ts'
import { deliverSegment, makeUserCall, writeMessage } from './host.ts'
import { wantedMessageOf } from './http-application.ts'
import { runEavesdropper } from './eavesdropper.ts'
import type { ScriptScene } from '../model/script.ts'
import { encodeMessage } from './message-encoding.ts'
import { injectSegment } from './transit.ts'
import { sceneOf, type World } from '../model/world.ts'

/** Receive buffer of a host, in octets: the largest that the header's field holds unscaled. */
const RECEIVE_BUFFER_OCTETS = 65_535

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

/**
 * The hosts are where the scene wants them and have nothing left to do, what it wants witnessed has been, and nothing is open but what
 * opens only now.
 */
export function isGoalReached(world: World): boolean {
  const { goal, milestones } = sceneOf(world)
  return (
    world.wire.length === 0 &&
    (goal.when ?? []).every((condition) => isConditionMet(world, condition, condition.seat)) &&
    SEATS.every(
      (seat) =>
        world.hosts[seat].tcb.state === goal[seat] &&
        isQuiet(world.hosts[seat].tcb) &&
        milestones[seat].every(({ id, opens }) => opens === 'goal' || statusOf(world, seat, id) !== 'open'),
    )
  )
}

/** One thing at a time: why a seat answers before it acts. Whoever has reached the goal has only the questions about it left. */
export function reasonToAnswerFirst(world: World, seat: Seat): 'answer-first' | 'question-first' | null {
  if (isGoalReached(world)) return 'answer-first'
  return openQuestion(world, seat) ? 'question-first' : null
}

const isQuiet = ({ owes, queued, snd }: Tcb): boolean => owes.length === 0 && queued === 0 && snd.una === snd.nxt

const statusOf = (world: World, seat: Seat, id: string) => world.seats[seat].milestones.find((m) => m.id === id)?.status

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

/** The hosts of a scene as it opens. */
export const openingTcbsOf = (scene: ScriptScene): { readonly [S in Seat]: Tcb } => ({
  client: openingTcbOf(scene, 'client'),
  server: openingTcbOf(scene, 'server'),
})

function openingTcbOf({ opening, iss, earlier, reads: read }: ScriptScene, seat: Seat): Tcb {
  const reads = read?.[seat] ?? 'at-once'
  const peer = peerOf(seat)
  const { state, sent = 0, buffer = RECEIVE_BUFFER_OCTETS, with: incarnation } = opening[seat]
  switch (state) {
    case 'CLOSED':
      return createTcb(iss[seat], buffer, reads)
    case 'LISTEN':
      return returnToListen(createTcb(iss[seat], buffer, reads))
    case 'ESTABLISHED': {
      const opened = seat === 'client' ? 'active' : 'passive'
      const numbers = incarnation === 'earlier' ? earlier : iss
      const windows = { sndWnd: opening[peer].buffer ?? RECEIVE_BUFFER_OCTETS, rcvWnd: buffer }
      const tcb = {
        ...createEstablishedTcb({ iss: numbers[seat], irs: numbers[peer], ...windows, opened, reads }),
        iss: iss[seat], // of its next SYN, should it open once more
      }
      const nxt = add(tcb.snd.nxt, sent)
      const rcv = add(tcb.rcv.nxt, opening[peer].sent ?? 0)
      return { ...tcb, snd: { ...tcb.snd, una: nxt, nxt, wl1: rcv, wl2: nxt }, rcv: { ...tcb.rcv, nxt: rcv } }
    }
  }
}
