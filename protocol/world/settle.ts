/** What follows by itself once an act has happened: the exercise's calls and injections, held segments, milestones, the goal, the next scene. */
import { closed, established, listening, type Tcb } from '../tcp/tcb.ts'
import { add } from '../seq.ts'
import { holds, nextStep, openQuestion } from './conditions.ts'
import type { Course } from './course.ts'
import { type ApplicationStep, type Deed, peerOf, SEATS, type Seat } from './exercise.ts'
import { arrives, calls, writes } from './host.ts'
import { wantedBy } from './http.ts'
import { overhears } from './overhear.ts'
import type { Scene } from './script.ts'
import { utter } from './utter.ts'
import { injects } from './wire.ts'
import { sceneOf, type World } from './world.ts'

/** Receive buffer of a host, in octets: the largest that the header's field holds unscaled. */
const WINDOW = 65_535

/** Settles until nothing more follows. */
export function settle(course: Course): void {
  do {
    while (stepsDue(course) || injectionsDue(course) || arrivalsDue(course));
    reckon(course)
  } while (moveOn(course))
  if (course.world.over === 'broken') lapse(course)
}

/** What nobody can do any more leaves the maximum. */
function lapse(course: Course): void {
  for (const seat of SEATS)
    for (const { id, status } of course.world.seats[seat].milestones)
      if (status === 'open') course.do({ is: 'milestone', seat, milestone: id, status: 'shut' })
}

function stepsDue(course: Course): boolean {
  let made = false
  for (const seat of SEATS)
    for (let next = nextStep(course.world, seat); next?.ready && next.step.by === 'exercise'; next = nextStep(course.world, seat)) {
      if (!makes(course, seat, next.step)) break
      made = true
    }
  return made
}

/** An application makes a step by itself. */
function makes(course: Course, seat: Seat, { call, write }: ApplicationStep): boolean {
  const { http } = sceneOf(course.world)
  if (call) return calls(course, seat, call, 'exercise')
  if (!write || !http) return false
  const uttered = utter(course.world, seat, 'exercise', wantedBy(http, seat), course.tls)
  return uttered.ok && writes(course, seat, uttered)
}

function injectionsDue(course: Course): boolean {
  const { injections } = sceneOf(course.world)
  const due = injections.findIndex(({ when, to }, i) => !course.world.setOut.includes(i) && holds(course.world, when, to))
  const injection = injections[due]
  if (!injection) return false
  course.do({ is: 'set-out', injection: due })
  injects(course, injection)
  return true
}

/** Segments whose time has come while something else happened, and those that are released. */
function arrivalsDue(course: Course): boolean {
  const { wire, clock } = course.world
  const flight = wire.find(
    ({ due, until, from }) => (due !== null && due <= clock) || (until !== undefined && holds(course.world, until, from)),
  )
  if (!flight) return false
  arrives(course, flight)
  return true
}

/** What the application may do now, and which milestones are open. */
function reckon(course: Course): void {
  for (const seat of SEATS) {
    const due = course.world.hosts[seat].steps + (nextStep(course.world, seat)?.ready ? 1 : 0)
    if (due !== course.world.seats[seat].due) course.do({ is: 'due', seat, calls: due })
  }
  open(course, false)
  if (goalReached(course.world)) overhears(course)
  open(course, true) // what opens at the goal: it is not reached while anything else is open
}

/** Opens and shuts the milestones that open at the goal, or all others. */
function open(course: Course, atGoal: boolean): void {
  const goal = goalReached(course.world)
  for (const seat of SEATS)
    for (const { id, deed, opens } of sceneOf(course.world).milestones[seat]) {
      if ((opens === 'goal') !== atGoal) continue
      const status = statusOf(course.world, seat, id)
      const due = opens === 'goal' ? goal : holds(course.world, opens, seat) && !passed(course.world, seat, deed)
      if (due === (status === 'open') || (status !== 'open' && status !== 'shut')) continue
      course.do({ is: 'milestone', seat, milestone: id, status: due ? 'open' : 'shut' })
      if (due && 'chooses' in deed) course.do({ is: 'asked', seat, question: id })
    }
}

/**
 * Nothing is left to do it on. The host has left the state, and there is no event on which it could be said: an ACK with the FIN on it passes
 * CLOSE-WAIT by. The connection that was to bring the data over has been reset. Or what was to be discarded has been settled by going on.
 */
function passed(world: World, seat: Seat, deed: Deed): boolean {
  const { been, tcb } = world.hosts[seat]
  const { events } = world.seats[seat]
  if ('says' in deed) return been.includes(deed.says) && tcb.state !== deed.says && !events.some((e) => e.state === deed.says)
  if ('sends' in deed && deed.sends === 'data') return been.includes('ESTABLISHED') && tcb.state === 'CLOSED'
  return 'discards' in deed && !events.some((e) => e.discard === null && e.of?.includes(deed.discards))
}

/**
 * The hosts are where the scene wants them and have nothing left to do, what it wants witnessed has been, and nothing is open but what
 * opens only now.
 */
export function goalReached(world: World): boolean {
  const { goal, milestones } = sceneOf(world)
  return (
    world.wire.length === 0 &&
    (goal.when ?? []).every((condition) => holds(world, condition, condition.seat)) &&
    SEATS.every(
      (seat) =>
        world.hosts[seat].tcb.state === goal[seat] &&
        quiet(world.hosts[seat].tcb) &&
        milestones[seat].every(({ id, opens }) => opens === 'goal' || statusOf(world, seat, id) !== 'open'),
    )
  )
}

/** One thing at a time: why a seat answers before it acts. Whoever has reached the goal has only the questions about it left. */
export function questionFirst(world: World, seat: Seat): 'answer-first' | 'question-first' | null {
  if (goalReached(world)) return 'answer-first'
  return openQuestion(world, seat) ? 'question-first' : null
}

const quiet = ({ owes, queued, snd }: Tcb): boolean => owes.length === 0 && queued === 0 && snd.una === snd.nxt

const statusOf = (world: World, seat: Seat, id: string) => world.seats[seat].milestones.find((m) => m.id === id)?.status

/** A scene that has ended makes room for the next, or ends the round. True: a scene has opened, in which things may follow. */
function moveOn(course: Course): boolean {
  const { over, script, scene, seats } = course.world
  const open = SEATS.some((seat) => seats[seat].milestones.some(({ status }) => status === 'open'))
  if (over || open || !goalReached(course.world)) return false
  const next = script.scenes[scene + 1]
  if (!next) {
    course.do({ is: 'over', why: 'goal' })
    return false
  }
  course.do({ is: 'scene', scene: scene + 1, tcbs: hostsOf(next) })
  return true
}

/** The hosts of a scene as it opens. */
export const hostsOf = (scene: Scene): { readonly [S in Seat]: Tcb } => ({
  client: hostOf(scene, 'client'),
  server: hostOf(scene, 'server'),
})

function hostOf({ opening, iss, earlier, reads: read }: Scene, seat: Seat): Tcb {
  const reads = read?.[seat] ?? 'at-once'
  const peer = peerOf(seat)
  const { state, sent = 0, buffer = WINDOW, with: incarnation } = opening[seat]
  switch (state) {
    case 'CLOSED':
      return closed(iss[seat], buffer, reads)
    case 'LISTEN':
      return listening(closed(iss[seat], buffer, reads))
    case 'ESTABLISHED': {
      const opened = seat === 'client' ? 'active' : 'passive'
      const numbers = incarnation === 'earlier' ? earlier : iss
      const windows = { sndWnd: opening[peer].buffer ?? WINDOW, rcvWnd: buffer }
      const tcb = {
        ...established({ iss: numbers[seat], irs: numbers[peer], ...windows, opened, reads }),
        iss: iss[seat], // of its next SYN, should it open once more
      }
      const nxt = add(tcb.snd.nxt, sent)
      const rcv = add(tcb.rcv.nxt, opening[peer].sent ?? 0)
      return { ...tcb, snd: { ...tcb.snd, una: nxt, nxt, wl1: rcv, wl2: nxt }, rcv: { ...tcb.rcv, nxt: rcv } }
    }
  }
}
