/**
 * The judge: what an action amounts to in this world. It knows the rules and computes the effects; `apply` reduces over them.
 * Pure: the same world and action give the same verdict, anywhere.
 */
import { peerOf, type Seat } from '../../seat.ts'
import { bitNames, type Segment } from '../../segment.ts'
import { parseNumber } from '../../notation.ts'
import { judgeClaim } from '../../tcp/judge-claim.ts'
import type { Finding } from '../../findings.ts'
import { maySend } from '../../tcp/may-send.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import type { Action, Actor, EngineAction, MessageDraft, ControlAction, SeatAction, WireAction } from '../model/action.ts'
import type { Effect } from '../model/effect.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { nextEngineAction, nextHostTask } from './next-action.ts'
import { requestWait } from './clock.ts'
import { nextHintRung, nextApplicationStep, openQuestion, attemptsOf, openMilestone } from '../fold/progress.ts'
import { evaluateWrite } from './evaluate-write.ts'
import { EffectRecorder } from './effect-recorder.ts'
import { deliverSegment, makeUserCall, discardEvent, meetMilestones, claimState, sendSegment, writeMessage } from './host.ts'
import { plantSegment, chooseWrongSegment } from './planted-mistake.ts'
import { COST_EIGHTHS, POINT_EIGHTHS } from '../fold/score.ts'
import type { ScriptQuestion } from '../model/script.ts'
import { runToQuiescence } from './quiescence.ts'
import { openingTcbsOf } from '../setup/opening.ts'
import { reasonToAnswerFirst } from './goal.ts'
import { permit, type PermittedDecision, type Decision } from './decision.ts'
import { type TlsTools, closeNotifyMissing } from './tls-end.ts'
import { encodeMessage } from './message-encoding.ts'
import { duplicateSegment, holdSegment, injectSegment } from './transit.ts'
import type { HostEvent, World } from '../model/world.ts'
import { networkPart, notationOf, rulesOf, sceneOf } from '../fold/current-scene.ts'

export interface SubmittedAction {
  readonly actor: Actor
  readonly action: Action
  /** How many views the seat held when it composed this; null for teacher and system. */
  readonly seen: number | null
}

export interface JudgeTools {
  /** The world as it stood at the view `seen`. Asked for only where an action is wrong now. */
  readonly worldAsSeen: () => World
  /** For scenes with TLS. */
  readonly tls?: TlsTools
}

export interface Judgement {
  readonly verdict: Verdict
  readonly effects: readonly Effect[]
}

/** This many useless acts in a row are sent; the next is not. */
const MAX_USELESS_ACTS = 5

/** `world` is null before the round has begun. */
export function judgeAction(world: World | null, act: SubmittedAction, tools: JudgeTools): Judgement {
  const { actor, action } = act
  if (action.kind === 'control') return judgeControlAction(world, actor, action, tools.tls)
  if (!world) return barAction('not-yours')
  if (world.over) return barAction('over')
  if (world.paused) return barAction('paused')
  if (action.kind === 'wire') return judgeWireAction(world, actor, action, tools.tls)
  if (actor !== 'client' && actor !== 'server') return barAction('not-yours')

  const decision = evaluate(world, actor, action, tools.tls)
  switch (decision.kind) {
    case 'barred':
      return barAction(decision.reason)
    case 'allowed': {
      const verdict = decideOutcome(world, actor, action, decision)
      if (verdict.outcome !== 'accepted') return { verdict, effects: [] }
      const course = new EffectRecorder(world, tools.tls)
      const { player } = world.seats[actor]
      // What the built-in partner does in the seat of somebody who has gone earns that one nothing.
      if (player === 'partner' && world.script.players[actor] === 'person') course.milestoneOutcome = 'forfeited'
      if (decision.endsRound) forfeitMilestones(course, actor)
      // In a graded round the partner goes on from before the act, with the built-in partner in its author's seat.
      if (decision.endsRound && world.script.level === 'exam')
        course.record({ kind: 'seated', seat: actor, player: 'partner', forGood: true })
      else decision.execute(course)
      runToQuiescence(course)
      return { verdict, effects: course.effects }
    }
    case 'wrong': {
      const crossed =
        act.seen !== null &&
        act.seen < world.seats[actor].viewCount &&
        evaluate(tools.worldAsSeen(), actor, action, tools.tls).kind === 'allowed'
      if (crossed) return { verdict: { outcome: 'crossed', findings: [] }, effects: [] }
      return refuseAction(world, actor, action, decision, tools.tls)
    }
  }
}

function evaluate(world: World, seat: Seat, action: SeatAction, tls: TlsTools | undefined): Decision {
  const first = action.kind === 'answer' || action.kind === 'hint' ? null : reasonToAnswerFirst(world, seat)
  if (first) return { kind: 'barred', reason: first }
  switch (action.kind) {
    case 'send':
      return evaluateSend(world, seat, action)
    case 'call': {
      const next = nextApplicationStep(world, seat)
      if (!next?.step.call || next.step.by !== 'seat' || !isSameCall(next.step.call, action.call)) {
        const again = world.hosts[seat].called.some((call) => isSameCall(call, action.call))
        return { kind: 'barred', reason: again ? 'already-called' : 'not-yours' }
      }
      if (!next.ready) return { kind: 'barred', reason: 'not-yet' }
      const early = action.call.call === 'CLOSE' ? closeNotifyMissing(world, seat) : null
      if (early) return { kind: 'wrong', findings: [early] }
      if (!makeUserCall(new EffectRecorder(world, tls), seat, action.call, 'seat'))
        return { kind: 'barred', reason: 'call-refused' }
      return permit((course) => void makeUserCall(course, seat, action.call, 'seat'))
    }
    case 'write':
      return evaluateWrite(world, seat, action.message, tls)
    case 'claim': {
      const event = findOpenEvent(world, seat, action.event)
      if (typeof event === 'string') return { kind: 'barred', reason: event }
      const { claimedState } = world.seats[seat]
      const finding = judgeClaim(
        { before: claimedState, actual: event.state, claimed: action.state, tcb: world.hosts[seat].tcb },
        rulesOf(world),
      )
      if (finding) return { kind: 'wrong', findings: [finding] }
      return permit((course) => {
        claimState(course, seat, action.state, 'claim')
        course.record({ kind: 'done', seat, useless: false })
      })
    }
    case 'discard': {
      const event = findOpenEvent(world, seat, action.event)
      if (typeof event === 'string') return { kind: 'barred', reason: event }
      if (event.discard) return { kind: 'wrong', findings: [event.discard] }
      return permit((course) => {
        discardEvent(course, seat, event.view)
        course.record({ kind: 'done', seat, useless: false })
      })
    }
    case 'answer': {
      const question = openQuestion(world, seat)
      if (question?.id !== action.question || !question.order.includes(action.choice))
        return { kind: 'barred', reason: 'no-question' }
      if (action.choice !== question.right) return { kind: 'wrong', findings: [wrongChoiceFinding(question, action.choice)] }
      return permit((course) => answerQuestion(course, seat, question.id, action.choice))
    }
    case 'wait': {
      if (world.seats[seat].waitRequested) return { kind: 'barred', reason: 'already-waiting' }
      const owed = nextSegment(world.hosts[seat].tcb)
      if (owed) return { kind: 'wrong', findings: [replyDueFinding(owed)], reason: 'pay-first' }
      return permit((course) => requestWait(course, seat))
    }
    case 'hint': {
      const next = nextHintRung(world, seat)
      if (!next) return { kind: 'barred', reason: 'no-hint-left' }
      const { milestone, rung } = next
      return permit((course) => {
        course.record({ kind: 'charged', seat, milestone: milestone.id, eighths: COST_EIGHTHS.hint[rung] })
        const bought = rung === 3 ? { answer: nextHostTask(world, seat) } : {}
        course.record({ kind: 'hinted', seat, milestone: milestone.id, rung, ...bought })
      })
    }
  }
}

/** The event that stands in this view of the seat, or why there is none to name. */
function findOpenEvent(world: World, seat: Seat, view: number): HostEvent | 'event-settled' | 'no-event' {
  const { openEvents, viewCount } = world.seats[seat]
  return openEvents.find((e) => e.view === view) ?? (view <= viewCount ? 'event-settled' : 'no-event')
}

function evaluateSend(world: World, seat: Seat, action: Extract<SeatAction, { kind: 'send' }>): Decision {
  const { tcb } = world.hosts[seat]
  const { bits, seq, ack, length, window } = action.segment
  const notation = notationOf(world)
  const number = parseNumber(seq, notation, 'seq', seat)
  if (number === null) return { kind: 'barred', reason: 'unreadable-seq' }
  const acknowledged = ack.trim() === '' ? null : parseNumber(ack, notation, 'ack', seat)
  if (acknowledged === null && ack.trim() !== '') return { kind: 'barred', reason: 'unreadable-ack' }

  const segment: Segment = { bits, seq: number, ack: acknowledged, length, window: window ?? tcb.rcv.wnd }
  const permission = maySend(tcb, segment, { rules: rulesOf(world), calls: 'given', state: action.state })
  if (!permission.ok) {
    const { findings, silent } = permission
    // A misconception says more than that there is nothing to send.
    const unexplained = silent && findings.every((f) => f.misconception === null)
    return unexplained ? { kind: 'wrong', findings, reason: 'nothing-to-send' } : { kind: 'wrong', findings }
  }
  const useless = permission.satisfied.length === 0 && permission.remarks.length > 0
  return permit((course) => sendSegment(course, seat, segment, permission, useless), {
    remarks: permission.remarks,
    useless,
  })
}

/** What a legal act is answered before it happens: it may end the connection, or be one useless act too many. */
function decideOutcome(world: World, seat: Seat, action: SeatAction, decision: PermittedDecision): Verdict {
  const sure = action.kind === 'write' && action.sure === true
  if (decision.endsRound && !sure) return { outcome: 'asked', findings: [] }
  if (decision.useless && world.seats[seat].uselessActsInRow >= MAX_USELESS_ACTS)
    return { outcome: 'idle', findings: decision.remarks }
  return { outcome: 'accepted', findings: decision.remarks }
}

/** Charges a refusal, counts the try, and after the last one lets the invigilator play the step. */
function refuseAction(
  world: World,
  seat: Seat,
  action: SeatAction,
  { findings, reason }: Extract<Decision, { kind: 'wrong' }>,
  tls: TlsTools | undefined,
): Judgement {
  const verdict: Verdict = reason ? { outcome: 'refused', findings, reason } : { outcome: 'refused', findings }
  const course = new EffectRecorder(world, tls)
  if (action.kind === 'answer')
    course.record({ kind: 'answered', seat, question: action.question, choice: action.choice, right: false })
  if (sceneOf(world).free) return { verdict, effects: course.effects }
  const record = world.seats[seat]
  const book = findings.find((f) => f.misconception?.startsWith('textbook-'))?.misconception
  if (book && !record.excusedMisconceptions.includes(book)) {
    course.record({ kind: 'excused', seat, misconception: book })
    return { verdict, effects: course.effects }
  }
  const milestone = action.kind === 'answer' ? record.milestones.find(({ id }) => id === action.question) : openMilestone(record)
  const last = record.triedFields.length + 1 >= attemptsOf(world.script)
  course.record({ kind: 'tried', seat, field: findings[0]?.field ?? 'message' })
  if (milestone)
    course.record({ kind: 'charged', seat, milestone: milestone.id, eighths: last ? POINT_EIGHTHS : COST_EIGHTHS.refusal })
  if (last) {
    course.record({ kind: 'invigilated', seat })
    course.milestoneOutcome = 'forfeited'
    executeForSeat(course, seat, nextEngineAction(world, seat))
    runToQuiescence(course)
  }
  return { verdict, effects: course.effects }
}

/** The invigilator's hand. */
function executeForSeat(course: EffectRecorder, seat: Seat, what: EngineAction): void {
  switch (what.kind) {
    case 'send': {
      const permission = maySend(course.world.hosts[seat].tcb, what.segment, { rules: rulesOf(course.world), calls: 'given' })
      if (permission.ok) sendSegment(course, seat, what.segment, permission, false)
      return
    }
    case 'call':
      return void makeUserCall(course, seat, what.call, 'seat')
    case 'write':
      return void encodeAndWrite(course, seat, what.message)
    case 'claim':
      claimState(course, seat, what.state, 'claim')
      break
    case 'discard':
      discardEvent(course, seat, what.event)
      break
    case 'answer':
      return answerQuestion(course, seat, what.question, what.choice)
    case 'wait':
      if (!course.world.seats[seat].waitRequested) requestWait(course, seat)
      break
  }
  course.record({ kind: 'done', seat, useless: false })
}

function encodeAndWrite(course: EffectRecorder, seat: Seat, message: MessageDraft): void {
  const encoded = encodeMessage(course.world, seat, 'seat', message, course.tlsTools)
  if (encoded.ok) writeMessage(course, seat, encoded)
}

/** The right choice. */
function answerQuestion(course: EffectRecorder, seat: Seat, question: string, choice: number): void {
  course.record({ kind: 'answered', seat, question, choice, right: true })
  meetMilestones(course, seat, { chooses: question })
  course.record({ kind: 'done', seat, useless: false })
}

/** Whoever puts the goal out of reach has not done what was still to do. */
function forfeitMilestones(course: EffectRecorder, seat: Seat): void {
  for (const { id, status } of course.world.seats[seat].milestones)
    if (status === 'open' || status === 'shut') course.record({ kind: 'milestone', seat, milestone: id, status: 'forfeited' })
}

/** An act on the wire: of the network seat, or of the teacher, who may do there what the exercise allows nobody. */
function judgeWireAction(world: World, actor: Actor, action: WireAction, tls: TlsTools | undefined): Judgement {
  const part = networkPart(world)
  if (actor === 'client' || actor === 'server') return barAction('not-yours')
  if (actor === 'network' && !(action.wire === 'pass' ? part : part?.may.includes(action.wire))) return barAction('not-yours')
  const course = new EffectRecorder(world, tls)
  if (action.wire === 'inject') {
    const injection = sceneOf(world).network?.injections[action.injection]
    if (!injection) return barAction('no-segment')
    injectSegment(course, injection)
  } else {
    const flight = world.wire.find(({ id }) => id === action.segment)
    if (!flight) return barAction('no-segment')
    switch (action.wire) {
      case 'pass':
        course.record({ kind: 'clock', now: world.clock + sceneOf(world).times.transit })
        deliverSegment(course, flight)
        break
      case 'drop':
        course.record({ kind: 'lost', id: flight.id, at: world.clock, why: 'dropped' })
        break
      case 'duplicate':
        duplicateSegment(course, flight.id, null)
        break
      case 'hold':
        if (flight.due !== null) return barAction('no-segment')
        holdSegment(course, flight.id)
        break
    }
  }
  runToQuiescence(course)
  return { verdict: { outcome: 'accepted', findings: [] }, effects: course.effects }
}

function judgeControlAction(world: World | null, actor: Actor, action: ControlAction, tls: TlsTools | undefined): Judgement {
  const course = new EffectRecorder(world, tls)
  if (action.control === 'start') {
    if (world) return barAction('already-called')
    const { script } = action
    const [first] = script.scenes
    if (!first) return barAction('not-yet')
    course.record({ kind: 'begun', script, tcbs: openingTcbsOf(first) })
    runToQuiescence(course)
    return { verdict: { outcome: 'accepted', findings: [] }, effects: course.effects }
  }
  if (!world || world.over) return barAction('over')
  switch (action.control) {
    case 'pause':
    case 'resume':
      if (world.paused === (action.control === 'pause')) return barAction('already-called')
      course.record({ kind: action.control === 'pause' ? 'paused' : 'resumed' })
      break
    case 'end':
      course.record({ kind: 'over', why: action.why })
      break
    case 'idle': {
      const { seat } = action
      const asked = world.seats[peerOf(seat)].waitRequested && !world.seats[seat].waitRequested
      if (world.paused || !asked) return barAction('already-waiting')
      if (nextSegment(world.hosts[seat].tcb)) return barAction('pay-first')
      requestWait(course, seat)
      runToQuiescence(course)
      break
    }
    case 'takeover':
    case 'return': {
      const player = action.control === 'takeover' ? 'partner' : 'person'
      if (world.seats[action.seat].player === player) return barAction('already-called')
      if (player === 'person' && world.seats[action.seat].abandoned) return barAction('not-yours')
      course.record({ kind: 'seated', seat: action.seat, player })
      break
    }
    case 'plant': {
      const segment = world.script.partner.mistakes && !world.paused && chooseWrongSegment(world, action.seat)
      if (!segment || world.seats[action.seat].player !== 'partner') return barAction('nothing-to-send')
      plantSegment(course, action.seat, segment)
      runToQuiescence(course)
      break
    }
    case 'stop-wire':
    case 'free-wire': {
      const stops = action.control === 'stop-wire'
      if (world.wireStopped === stops) return barAction('already-called')
      // For a network seat that comes back.
      if (stops && actor === 'system' && !networkPart(world)) return barAction('not-yours')
      course.record({ kind: 'wire', stops })
      if (!stops) for (const { id, due } of world.wire) if (due === null) course.record({ kind: 'held', id, due: world.clock })
      runToQuiescence(course)
      break
    }
  }
  return { verdict: { outcome: 'accepted', findings: [] }, effects: course.effects }
}

const barAction = (reason: Reason): Judgement => ({ verdict: { outcome: 'barred', findings: [], reason }, effects: [] })

/** A wait while something is owed. */
const replyDueFinding = (owed: Segment): Finding => ({
  kind: 'refusal',
  field: 'flags',
  given: null,
  want: bitNames(owed.bits),
  rule: 'RFC 9293 3.10.7',
  misconception: null,
})

const wrongChoiceFinding = ({ rule = '', misconceptions }: ScriptQuestion, choice: number): Finding => ({
  kind: 'refusal',
  field: 'answer',
  given: null,
  want: null,
  rule,
  misconception: misconceptions[choice] ?? null,
})

const isSameCall = (a: object, b: object): boolean => {
  const [x, y] = [Object.entries(a), Object.entries(b)]
  return x.length === y.length && x.every(([key, value]) => (b as Record<string, unknown>)[key] === value)
}
