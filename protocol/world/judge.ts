/**
 * The judge: what an action amounts to in this world. It knows the rules and computes the effects; `apply` reduces over them.
 * Pure: the same world and action give the same verdict, anywhere.
 */
import { bitNames, type Segment } from '../segment.ts'
import { parseNumber } from '../notation.ts'
import { judgeClaim } from '../tcp/claims.ts'
import type { Finding } from '../findings.ts'
import { maySend } from '../tcp/may-send.ts'
import { pay } from '../tcp/pay.ts'
import type { Action, Actor, Answer, Composed, ControlAction, Effect, Reason, SeatAction, Verdict, WireAction } from './action.ts'
import { answer, nextTask } from './answer.ts'
import { lodges } from './clock.ts'
import { nextRung, nextStep, openQuestion } from './conditions.ts'
import { considerWrite } from './consider-write.ts'
import { Course } from './course.ts'
import { peerOf, SEATS, type Seat } from './exercise.ts'
import { arrives, calls, discards, earn, says, sends, writes } from './host.ts'
import { plants, wrongSegment } from './plant.ts'
import { COST, POINT } from './score.ts'
import type { DrawnQuestion } from './script.ts'
import { hostsOf, questionFirst, settle } from './settle.ts'
import { allowed, type Allowed, type Thought } from './thought.ts'
import { type TlsTools, unclosed } from './tls.ts'
import { utter } from './utter.ts'
import { doubles, holdsBack, injects } from './wire.ts'
import { attemptsOf, networkPart, notationOf, openMilestone, rulesOf, sceneOf, type HostEvent, type World } from './world.ts'

export interface Act {
  readonly actor: Actor
  readonly action: Action
  /** How many views the seat held when it composed this; null for teacher and system. */
  readonly seen: number | null
}

export interface Tools {
  /** The world as it stood at the view `seen`. Asked for only where an action is wrong now. */
  readonly seen: () => World
  /** For scenes with TLS. */
  readonly tls?: TlsTools
}

export interface Judgement {
  readonly verdict: Verdict
  readonly effects: readonly Effect[]
}

/** This many useless acts in a row are sent; the next is not. */
const USELESS = 5

/** `world` is null before the round has begun. */
export function judge(world: World | null, act: Act, tools: Tools): Judgement {
  const { actor, action } = act
  if (action.type === 'control') return control(world, actor, action, tools.tls)
  if (!world) return barred('not-yours')
  if (world.over) return barred('over')
  if (world.paused) return barred('paused')
  if (action.type === 'wire') return onTheWire(world, actor, action, tools.tls)
  if (actor !== 'client' && actor !== 'server') return barred('not-yours')

  const thought = consider(world, actor, action, tools.tls)
  switch (thought.is) {
    case 'barred':
      return barred(thought.reason)
    case 'allowed': {
      const verdict = caution(world, actor, action, thought)
      if (verdict.outcome !== 'accepted') return { verdict, effects: [] }
      const course = new Course(world, tools.tls)
      const { player } = world.seats[actor]
      // What the built-in partner does in the seat of somebody who has gone earns that one nothing.
      if (player === 'partner' && world.script.players[actor] === 'person') course.credit = 'forfeited'
      if (thought.ends) forfeits(course, actor)
      // In a graded round the partner goes on from before the act, with the built-in partner in its author's seat.
      if (thought.ends && world.script.level === 'exam') course.do({ is: 'seated', seat: actor, player: 'partner', forGood: true })
      else thought.happen(course)
      settle(course)
      return { verdict, effects: course.effects }
    }
    case 'wrong': {
      const crossed =
        act.seen !== null &&
        act.seen < world.seats[actor].views &&
        consider(tools.seen(), actor, action, tools.tls).is === 'allowed'
      if (crossed) return { verdict: { outcome: 'crossed', findings: [] }, effects: [] }
      return refuse(world, actor, action, thought, tools.tls)
    }
  }
}

function consider(world: World, seat: Seat, action: SeatAction, tls: TlsTools | undefined): Thought {
  const first = action.type === 'answer' || action.type === 'hint' ? null : questionFirst(world, seat)
  if (first) return { is: 'barred', reason: first }
  switch (action.type) {
    case 'send':
      return considerSend(world, seat, action)
    case 'call': {
      const next = nextStep(world, seat)
      if (!next?.step.call || next.step.by !== 'seat' || !sameCall(next.step.call, action.call)) {
        const again = world.hosts[seat].called.some((call) => sameCall(call, action.call))
        return { is: 'barred', reason: again ? 'already-called' : 'not-yours' }
      }
      if (!next.ready) return { is: 'barred', reason: 'not-yet' }
      const early = action.call.call === 'CLOSE' ? unclosed(world, seat) : null
      if (early) return { is: 'wrong', findings: [early] }
      if (!calls(new Course(world, tls), seat, action.call, 'seat')) return { is: 'barred', reason: 'call-refused' }
      return allowed((course) => void calls(course, seat, action.call, 'seat'))
    }
    case 'write':
      return considerWrite(world, seat, action.message, tls)
    case 'claim': {
      const event = openEvent(world, seat, action.event)
      if (typeof event === 'string') return { is: 'barred', reason: event }
      const { said } = world.seats[seat]
      const finding = judgeClaim({ was: said, is: event.state, given: action.state, tcb: world.hosts[seat].tcb }, rulesOf(world))
      if (finding) return { is: 'wrong', findings: [finding] }
      return allowed((course) => {
        says(course, seat, action.state, 'claim')
        course.do({ is: 'done', seat, useless: false })
      })
    }
    case 'discard': {
      const event = openEvent(world, seat, action.event)
      if (typeof event === 'string') return { is: 'barred', reason: event }
      if (event.discard) return { is: 'wrong', findings: [event.discard] }
      return allowed((course) => {
        discards(course, seat, event.view)
        course.do({ is: 'done', seat, useless: false })
      })
    }
    case 'answer': {
      const question = openQuestion(world, seat)
      if (question?.id !== action.question || !question.order.includes(action.choice))
        return { is: 'barred', reason: 'no-question' }
      if (action.choice !== question.right) return { is: 'wrong', findings: [wrongChoice(question, action.choice)] }
      return allowed((course) => answers(course, seat, question.id, action.choice))
    }
    case 'wait': {
      if (world.seats[seat].lodged) return { is: 'barred', reason: 'already-waiting' }
      const owed = pay(world.hosts[seat].tcb)
      if (owed) return { is: 'wrong', findings: [unpaid(owed)], reason: 'pay-first' }
      return allowed((course) => lodges(course, seat))
    }
    case 'hint': {
      const next = nextRung(world, seat)
      if (!next) return { is: 'barred', reason: 'no-hint-left' }
      const { milestone, rung } = next
      return allowed((course) => {
        course.do({ is: 'charged', seat, milestone: milestone.id, eighths: COST.hint[rung] })
        const bought = rung === 3 ? { answer: nextTask(world, seat) } : {}
        course.do({ is: 'hinted', seat, milestone: milestone.id, rung, ...bought })
      })
    }
  }
}

/** The event that stands in this view of the seat, or why there is none to name. */
function openEvent(world: World, seat: Seat, view: number): HostEvent | 'event-settled' | 'no-event' {
  const { events, views } = world.seats[seat]
  return events.find((e) => e.view === view) ?? (view <= views ? 'event-settled' : 'no-event')
}

function considerSend(world: World, seat: Seat, action: Extract<SeatAction, { type: 'send' }>): Thought {
  const { tcb } = world.hosts[seat]
  const { bits, seq, ack, length, window } = action.segment
  const notation = notationOf(world)
  const number = parseNumber(seq, notation, 'seq', seat)
  if (number === null) return { is: 'barred', reason: 'unreadable-seq' }
  const acknowledged = ack.trim() === '' ? null : parseNumber(ack, notation, 'ack', seat)
  if (acknowledged === null && ack.trim() !== '') return { is: 'barred', reason: 'unreadable-ack' }

  const segment: Segment = { bits, seq: number, ack: acknowledged, length, window: window ?? tcb.rcv.wnd }
  const permission = maySend(tcb, segment, { rules: rulesOf(world), calls: 'given', state: action.state })
  if (!permission.ok) {
    const { findings, silent } = permission
    // A misconception says more than that there is nothing to send.
    const unexplained = silent && findings.every((f) => f.misconception === null)
    return unexplained ? { is: 'wrong', findings, reason: 'nothing-to-send' } : { is: 'wrong', findings }
  }
  const useless = permission.paid.length === 0 && permission.remarks.length > 0
  return allowed((course) => sends(course, seat, segment, permission, useless), {
    remarks: permission.remarks,
    useless,
  })
}

/** What a legal act is answered before it happens: it may end the connection, or be one useless act too many. */
function caution(world: World, seat: Seat, action: SeatAction, thought: Allowed): Verdict {
  const sure = action.type === 'write' && action.sure === true
  if (thought.ends && !sure) return { outcome: 'asked', findings: [] }
  if (thought.useless && world.seats[seat].useless >= USELESS) return { outcome: 'idle', findings: thought.remarks }
  return { outcome: 'accepted', findings: thought.remarks }
}

/** Charges a refusal, counts the try, and after the last one lets the invigilator play the step. */
function refuse(
  world: World,
  seat: Seat,
  action: SeatAction,
  { findings, reason }: Extract<Thought, { is: 'wrong' }>,
  tls: TlsTools | undefined,
): Judgement {
  const verdict: Verdict = reason ? { outcome: 'refused', findings, reason } : { outcome: 'refused', findings }
  const course = new Course(world, tls)
  if (action.type === 'answer') course.do({ is: 'answered', seat, question: action.question, choice: action.choice, right: false })
  if (sceneOf(world).free) return { verdict, effects: course.effects }
  const record = world.seats[seat]
  const book = findings.find((f) => f.misconception?.startsWith('textbook-'))?.misconception
  if (book && !record.excused.includes(book)) {
    course.do({ is: 'excused', seat, misconception: book })
    return { verdict, effects: course.effects }
  }
  const milestone = action.type === 'answer' ? record.milestones.find(({ id }) => id === action.question) : openMilestone(record)
  const last = record.tries.length + 1 >= attemptsOf(world.script)
  course.do({ is: 'tried', seat, field: findings[0]?.field ?? 'message' })
  if (milestone) course.do({ is: 'charged', seat, milestone: milestone.id, eighths: last ? POINT : COST.refusal })
  if (last) {
    course.do({ is: 'invigilated', seat })
    course.credit = 'forfeited'
    perform(course, seat, answer(world, seat))
    settle(course)
  }
  return { verdict, effects: course.effects }
}

/** The invigilator's hand. */
function perform(course: Course, seat: Seat, what: Answer): void {
  switch (what.act) {
    case 'send': {
      const permission = maySend(course.world.hosts[seat].tcb, what.segment, { rules: rulesOf(course.world), calls: 'given' })
      if (permission.ok) sends(course, seat, what.segment, permission, false)
      return
    }
    case 'call':
      return void calls(course, seat, what.call, 'seat')
    case 'write':
      return void utters(course, seat, what.message)
    case 'claim':
      says(course, seat, what.state, 'claim')
      break
    case 'discard':
      discards(course, seat, what.event)
      break
    case 'answer':
      return answers(course, seat, what.question, what.choice)
    case 'wait':
      if (!course.world.seats[seat].lodged) lodges(course, seat)
      break
  }
  course.do({ is: 'done', seat, useless: false })
}

function utters(course: Course, seat: Seat, message: Composed): void {
  const uttered = utter(course.world, seat, 'seat', message, course.tls)
  if (uttered.ok) writes(course, seat, uttered)
}

/** The right choice. */
function answers(course: Course, seat: Seat, question: string, choice: number): void {
  course.do({ is: 'answered', seat, question, choice, right: true })
  earn(course, seat, { chooses: question })
  course.do({ is: 'done', seat, useless: false })
}

/** Whoever puts the goal out of reach has not done what was still to do. */
function forfeits(course: Course, seat: Seat): void {
  for (const { id, status } of course.world.seats[seat].milestones)
    if (status === 'open' || status === 'shut') course.do({ is: 'milestone', seat, milestone: id, status: 'forfeited' })
}

/** An act on the wire: of the network seat, or of the teacher, who may do there what the exercise allows nobody. */
function onTheWire(world: World, actor: Actor, action: WireAction, tls: TlsTools | undefined): Judgement {
  const part = networkPart(world)
  if (actor === 'client' || actor === 'server') return barred('not-yours')
  if (actor === 'network' && !(action.wire === 'pass' ? part : part?.may.includes(action.wire))) return barred('not-yours')
  const course = new Course(world, tls)
  if (action.wire === 'inject') {
    const injection = sceneOf(world).network?.injections[action.injection]
    if (!injection) return barred('no-segment')
    injects(course, injection)
  } else {
    const flight = world.wire.find(({ id }) => id === action.segment)
    if (!flight) return barred('no-segment')
    switch (action.wire) {
      case 'pass':
        course.do({ is: 'clock', now: world.clock + sceneOf(world).times.transit })
        arrives(course, flight)
        break
      case 'drop':
        course.do({ is: 'lost', id: flight.id, at: world.clock, why: 'dropped' })
        break
      case 'duplicate':
        doubles(course, flight.id, null)
        break
      case 'hold':
        if (flight.due !== null) return barred('no-segment')
        holdsBack(course, flight.id)
        break
    }
  }
  settle(course)
  return { verdict: { outcome: 'accepted', findings: [] }, effects: course.effects }
}

function control(world: World | null, actor: Actor, action: ControlAction, tls: TlsTools | undefined): Judgement {
  const course = new Course(world, tls)
  if (action.control === 'start') {
    if (world) return barred('already-called')
    const { script } = action
    const [first] = script.scenes
    if (!first) return barred('not-yet')
    course.do({ is: 'begun', script, tcbs: hostsOf(first) })
    settle(course)
    return { verdict: { outcome: 'accepted', findings: [] }, effects: course.effects }
  }
  if (!world || world.over) return barred('over')
  switch (action.control) {
    case 'pause':
    case 'resume':
      if (world.paused === (action.control === 'pause')) return barred('already-called')
      course.do({ is: action.control === 'pause' ? 'paused' : 'resumed' })
      break
    case 'end':
      course.do({ is: 'over', why: action.why })
      break
    case 'idle': {
      const { seat } = action
      const asked = world.seats[peerOf(seat)].lodged && !world.seats[seat].lodged
      if (world.paused || !asked) return barred('already-waiting')
      if (pay(world.hosts[seat].tcb)) return barred('pay-first')
      lodges(course, seat)
      settle(course)
      break
    }
    case 'takeover':
    case 'return': {
      const player = action.control === 'takeover' ? 'partner' : 'person'
      if (world.seats[action.seat].player === player) return barred('already-called')
      if (player === 'person' && world.seats[action.seat].left) return barred('not-yours')
      course.do({ is: 'seated', seat: action.seat, player })
      break
    }
    case 'plant': {
      const segment = world.script.partner.mistakes && !world.paused && wrongSegment(world, action.seat)
      if (!segment || world.seats[action.seat].player !== 'partner') return barred('nothing-to-send')
      plants(course, action.seat, segment)
      settle(course)
      break
    }
    case 'stop-wire':
    case 'free-wire': {
      const stops = action.control === 'stop-wire'
      if (world.stops === stops) return barred('already-called')
      // For a network seat that comes back.
      if (stops && actor === 'system' && !networkPart(world)) return barred('not-yours')
      course.do({ is: 'wire', stops })
      if (!stops) for (const { id, due } of world.wire) if (due === null) course.do({ is: 'held', id, due: world.clock })
      settle(course)
      break
    }
  }
  return { verdict: { outcome: 'accepted', findings: [] }, effects: course.effects }
}

const barred = (reason: Reason): Judgement => ({ verdict: { outcome: 'barred', findings: [], reason }, effects: [] })

/** A wait while something is owed. */
const unpaid = (owed: Segment): Finding => ({
  kind: 'refusal',
  field: 'flags',
  given: null,
  want: bitNames(owed.bits),
  rule: 'RFC 9293 3.10.7',
  misconception: null,
})

const wrongChoice = ({ rule = '', misconceptions }: DrawnQuestion, choice: number): Finding => ({
  kind: 'refusal',
  field: 'answer',
  given: null,
  want: null,
  rule,
  misconception: misconceptions[choice] ?? null,
})

const sameCall = (a: object, b: object): boolean => {
  const [x, y] = [Object.entries(a), Object.entries(b)]
  return x.length === y.length && x.every(([key, value]) => (b as Record<string, unknown>)[key] === value)
}

/** The seats whose hosts owe nothing and have not waited although the other one has: the clock waits for them. */
export const holdsTheClock = (world: World): Seat | null =>
  world.over || world.paused
    ? null
    : (SEATS.find((s) => world.seats[peerOf(s)].lodged && !world.seats[s].lodged && !pay(world.hosts[s].tcb)) ?? null)
