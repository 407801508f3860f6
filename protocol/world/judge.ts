/**
 * The judge: what an action amounts to in this world. It knows the rules and computes the effects; `apply` reduces over them.
 * Pure: the same world and action give the same verdict, anywhere.
 */
import { bitNames, has, RST, type Segment } from '../segment.ts'
import { parseNumber } from '../notation.ts'
import { judgeClaim } from '../tcp/claims.ts'
import type { Finding } from '../tcp/findings.ts'
import { maySend } from '../tcp/may-send.ts'
import { pay } from '../tcp/pay.ts'
import { RFC_9293 } from '../tcp/rules.ts'
import type { Action, Actor, Answer, ControlAction, Effect, Reason, SeatAction, Verdict } from './action.ts'
import { answer } from './answer.ts'
import { calls, Course, lodges, nextCall, says, sends, settle } from './course.ts'
import { peerOf, SEATS, type Seat } from './exercise.ts'
import { established, closed } from '../tcp/tcb.ts'
import { COST, POINT } from './score.ts'
import { attemptsOf, openMilestone, type World } from './world.ts'

export interface Act {
  readonly actor: Actor
  readonly action: Action
  /** How many views the seat held when it composed this; null for teacher and system. */
  readonly seen: number | null
}

export interface Tools {
  /** The world as it stood at the view `seen`. Asked for only where an action is wrong now. */
  readonly seen: () => World
}

export interface Judgement {
  readonly verdict: Verdict
  readonly effects: readonly Effect[]
}

/** Receive window of a host, in octets: the largest that the header's field holds unscaled. */
const WINDOW = 65_535
/** This many useless acts in a row are sent; the next is not. */
const USELESS = 5

/** `world` is null before the round has begun. */
export function judge(world: World | null, act: Act, tools: Tools): Judgement {
  const { actor, action } = act
  if (action.type === 'control') return control(world, action)
  if (!world || (actor !== 'client' && actor !== 'server')) return barred('not-yours')
  if (world.over) return barred('over')
  if (world.paused) return barred('paused')

  const thought = consider(world, actor, action)
  switch (thought.is) {
    case 'barred':
      return barred(thought.reason)
    case 'allowed': {
      const verdict = caution(world, actor, action, thought)
      if (verdict.outcome !== 'accepted') return { verdict, effects: [] }
      const course = new Course(world)
      thought.happen(course)
      settle(course)
      return { verdict, effects: course.effects }
    }
    case 'wrong': {
      const crossed =
        act.seen !== null && act.seen < world.seats[actor].views && consider(tools.seen(), actor, action).is === 'allowed'
      if (crossed) return { verdict: { outcome: 'crossed', findings: [] }, effects: [] }
      return refuse(world, actor, thought)
    }
  }
}

/** What a seat's action is, in a given world. */
type Thought =
  | { readonly is: 'barred'; readonly reason: Reason }
  | { readonly is: 'wrong'; readonly findings: readonly Finding[]; readonly reason?: Reason }
  | {
      readonly is: 'allowed'
      readonly remarks: readonly Finding[]
      /** It served nothing. */
      readonly useless: boolean
      /** It makes the goal unreachable. */
      readonly ends: boolean
      readonly happen: (course: Course) => void
    }

function consider(world: World, seat: Seat, action: SeatAction): Thought {
  switch (action.type) {
    case 'send':
      return considerSend(world, seat, action)
    case 'call': {
      const next = nextCall(world, seat)
      if (!next || next.step.by !== 'seat' || !sameCall(next.step.call, action.call)) {
        const again = world.hosts[seat].called.some((call) => sameCall(call, action.call))
        return { is: 'barred', reason: again ? 'already-called' : 'not-yours' }
      }
      if (!next.ready) return { is: 'barred', reason: 'not-yet' }
      if (!calls(new Course(world), seat, action.call, 'seat')) return { is: 'barred', reason: 'call-refused' }
      return allowed((course) => void calls(course, seat, action.call, 'seat'), { ends: action.call.call === 'ABORT' })
    }
    case 'claim': {
      const event = world.seats[seat].events.find((e) => e.view === action.event)
      if (!event || event.settled) return { is: 'barred', reason: event ? 'event-settled' : 'no-event' }
      const { said } = world.seats[seat]
      const finding = judgeClaim({ was: said, is: event.state, given: action.state, tcb: world.hosts[seat].tcb }, RFC_9293)
      if (finding) return { is: 'wrong', findings: [finding] }
      return allowed((course) => {
        says(course, seat, action.state, 'claim')
        course.do({ is: 'done', seat, useless: false })
      })
    }
    case 'discard': {
      const event = world.seats[seat].events.find((e) => e.view === action.event)
      if (!event || event.settled) return { is: 'barred', reason: event ? 'event-settled' : 'no-event' }
      if (event.discard) return { is: 'wrong', findings: [event.discard] }
      return allowed((course) => {
        course.do({ is: 'settled', seat, event: event.view })
        course.do({ is: 'done', seat, useless: false })
      })
    }
    case 'wait': {
      if (world.seats[seat].lodged) return { is: 'barred', reason: 'already-waiting' }
      const owed = pay(world.hosts[seat].tcb)
      if (owed) return { is: 'wrong', findings: [unpaid(owed)], reason: 'pay-first' }
      return allowed((course) => lodges(course, seat))
    }
    case 'hint': {
      const milestone = openMilestone(world.seats[seat])
      const rung = milestone && ([1, 2, 3] as const)[milestone.hints]
      if (!rung || world.script.level === 'exam') return { is: 'barred', reason: 'no-hint-left' }
      return allowed((course) => {
        course.do({ is: 'charged', seat, milestone: milestone.id, eighths: COST.hint[rung] })
        const bought = rung === 3 ? { answer: answer(world, seat) } : {}
        course.do({ is: 'hinted', seat, milestone: milestone.id, rung, ...bought })
      })
    }
  }
}

function considerSend(world: World, seat: Seat, action: Extract<SeatAction, { type: 'send' }>): Thought {
  const { tcb } = world.hosts[seat]
  const { bits, seq, ack, length, window } = action.segment
  const { notation: kind, names, iss } = world.script
  const notation = { kind, names, iss }
  const number = parseNumber(seq, notation, 'seq', seat)
  if (number === null) return { is: 'barred', reason: 'unreadable-seq' }
  const acknowledged = ack.trim() === '' ? null : parseNumber(ack, notation, 'ack', seat)
  if (acknowledged === null && ack.trim() !== '') return { is: 'barred', reason: 'unreadable-ack' }

  const segment: Segment = { bits, seq: number, ack: acknowledged, length, window: window ?? tcb.rcv.wnd }
  const permission = maySend(tcb, segment, { rules: RFC_9293, calls: 'given', state: action.state })
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
    ends: has(bits, RST) && !permission.paid.some((debt) => debt.kind === 'RST'),
  })
}

const allowed = (
  happen: (course: Course) => void,
  what: { remarks?: readonly Finding[]; useless?: boolean; ends?: boolean } = {},
): Extract<Thought, { is: 'allowed' }> => ({ is: 'allowed', remarks: [], useless: false, ends: false, ...what, happen })

/** What a legal act is answered before it happens: it may end the connection, or be one useless act too many. */
function caution(world: World, seat: Seat, action: SeatAction, thought: Extract<Thought, { is: 'allowed' }>): Verdict {
  const sure = 'sure' in action && action.sure === true
  if (thought.ends && !sure) return { outcome: 'asked', findings: [] }
  if (thought.useless && world.seats[seat].useless >= USELESS) return { outcome: 'idle', findings: thought.remarks }
  return { outcome: 'accepted', findings: thought.remarks }
}

/** Charges a refusal, counts the try, and after the last one lets the invigilator play the step. */
function refuse(world: World, seat: Seat, { findings, reason }: Extract<Thought, { is: 'wrong' }>): Judgement {
  const verdict: Verdict = reason ? { outcome: 'refused', findings, reason } : { outcome: 'refused', findings }
  const course = new Course(world)
  const record = world.seats[seat]
  const book = findings.find((f) => f.misconception?.startsWith('textbook-'))?.misconception
  if (book && !record.excused.includes(book)) {
    course.do({ is: 'excused', seat, misconception: book })
    return { verdict, effects: course.effects }
  }
  const milestone = openMilestone(record)
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
      const permission = maySend(course.world.hosts[seat].tcb, what.segment, { rules: RFC_9293, calls: 'given' })
      if (permission.ok) sends(course, seat, what.segment, permission, false)
      return
    }
    case 'call':
      return void calls(course, seat, what.call, 'seat')
    case 'claim':
      says(course, seat, what.state, 'claim')
      break
    case 'discard':
      course.do({ is: 'settled', seat, event: what.event })
      break
    case 'wait':
      if (!course.world.seats[seat].lodged) lodges(course, seat)
      break
  }
  course.do({ is: 'done', seat, useless: false })
}

function control(world: World | null, action: ControlAction): Judgement {
  const course = new Course(world)
  if (action.control === 'start') {
    if (world) return barred('already-called')
    const { script } = action
    const reads = 'at-once'
    const tcb = (seat: Seat) =>
      script.opening[seat] === 'ESTABLISHED'
        ? established({ iss: script.iss[seat], irs: script.iss[peerOf(seat)], sndWnd: WINDOW, rcvWnd: WINDOW, reads })
        : closed(script.iss[seat], WINDOW, reads)
    course.do({ is: 'begun', script, tcbs: { client: tcb('client'), server: tcb('server') } })
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

const sameCall = (a: object, b: object): boolean => {
  const [x, y] = [Object.entries(a), Object.entries(b)]
  return x.length === y.length && x.every(([key, value]) => (b as Record<string, unknown>)[key] === value)
}

/** The seats whose hosts owe nothing and have not waited although the other one has: the clock waits for them. */
export const holdsTheClock = (world: World): Seat | null =>
  world.over || world.paused
    ? null
    : (SEATS.find((s) => world.seats[peerOf(s)].lodged && !world.seats[s].lodged && !pay(world.hosts[s].tcb)) ?? null)
