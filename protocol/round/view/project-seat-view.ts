/** Makes a seat's view of an entry: what its host can observe, and the seat's situation afterwards. */
import { peerOf, type Seat } from '../../seat.ts'
import { formatNumber } from '../../notation.ts'
import type { Finding } from '../../findings.ts'
import { sendMss } from '../../tcp/tcb.ts'
import { listEndpointSecrets } from '../../tls/endpoint/list-secrets.ts'
import type { SeatAction, HostTask } from '../model/action.ts'
import type { Effect } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'
import type { Reason } from '../model/verdict.ts'
import { isControlVisibleTo } from '../fold/visibility.ts'
import { nextApplicationStep, openQuestion, attemptsOf } from '../fold/progress.ts'
import type { LocalizedText, Question } from '../model/exercise.ts'
import { httpMessageKindOf } from '../rules/http-application.ts'
import type { Moment, TimelineEntry } from '../fold/timeline.ts'
import { computeScore, worthEighths } from '../fold/score.ts'
import { hintCost, nextRung } from '../rules/charges.ts'
import type { ScriptQuestion, ScriptScene } from '../model/script.ts'
import type {
  ActView,
  AnswerView,
  EventView,
  FindingView,
  Happenings,
  HintView,
  MessageView,
  NextStepView,
  NowView,
  OverheardView,
  SegmentView,
  TcbView,
  PlayerView,
} from './seat-view.ts'
import { toOpaqueSceneId, toOpaqueStepId, toShownAction } from './opaque-ids.ts'
import { turnOf } from './turn.ts'
import { getGivenAsTyped } from './given-as-typed.ts'
import { prefillView } from './prefill.ts'
import { segmentView, segmentViewWithPayload } from './segment-view.ts'
import { comparePrediction } from '../fold/prediction.ts'
import { isSkipOffered } from '../rules/clock.ts'
import { reasonToAnswerFirst } from '../rules/goal.ts'
import { isTlsSilent } from '../rules/tls-end.ts'
import type { SeatRecord, World } from '../model/world.ts'
import { isOnAutopilot, notationOf, sceneOf } from '../fold/current-scene.ts'

/** After this many refusals on the same field, the concept of the step is shown. */
const CONCEPT_AFTER_REFUSALS = 3

/** Texts of the exercise, which the log does not contain. Ids and indices are those of the exercise's file. */
export interface HintTexts {
  /** The hint for a seat's milestone: a nudge (rung 1), or the concept with its rule (rung 2). */
  readonly hint: (scene: string, seat: Seat, milestone: string, rung: 1 | 2) => LocalizedText | undefined
  /** The explanation that is shown when an answer has been chosen. */
  readonly why: (scene: string, seat: Seat, question: string, choice: number) => LocalizedText | undefined
  readonly question: (scene: string, seat: Seat, question: string) => Pick<Question, 'ask' | 'choices'> | undefined
}

/** A seat's situation, and the world that it was made from. */
export interface EarlierSituation {
  readonly world: World
  readonly now: NowView
}

/**
 * A seat's view of an entry, or null if the seat may not see the entry. `earlier`: the seat's situation in its last view; the parts of
 * `now` that have not changed since are then the same objects, so that they need not be compared.
 */
export function projectSeatView(
  read: TimelineEntry,
  seat: Seat,
  texts: HintTexts,
  earlier: EarlierSituation | null = null,
): PlayerView | null {
  const n = read.after.seats[seat].viewCount
  const isNew = n > (read.before?.seats[seat].viewCount ?? 0)
  return isNew ? { n, event: eventView(read, seat, texts), now: nowView(read.after, seat, earlier) } : null
}

function eventView({ entry, before, moments, after }: TimelineEntry, seat: Seat, texts: HintTexts): EventView {
  const opens = moments.findLastIndex((moment) => moment.kind === 'scene')
  const opened = moments[opens]
  const answered = entry.effects.findLast((e) => e.kind === 'answered')
  const why =
    answered?.seat === seat &&
    before &&
    before.script.level !== 'exam' &&
    texts.why(sceneOf(before).id, seat, answered.question, answered.choice)
  const hinted = entry.effects.find((e) => e.kind === 'hinted')
  const view: Draft<EventView> = {}
  if (entry.actor === seat && entry.action.kind !== 'control' && entry.action.kind !== 'wire')
    view.act = actView(before, after, entry, entry.action, seat, texts)
  collectHappenings(view, entry, opened ? moments.slice(0, opens) : moments, seat)
  if (hinted?.seat === seat) view.hint = hintView(after, hinted, seat, texts)
  if (why) view.why = why
  const predicted = predictedView(before, moments, seat)
  if (predicted) view.predicted = predicted
  if (entry.effects.some(({ kind }) => kind === 'discussed')) {
    const partner = votedView(after, peerOf(seat), texts)
    if (partner) view.partnerVoted = partner
  }
  const voted = entry.effects.findLast((e) => e.kind === 'voted')
  if (voted?.seat === seat && after.seats[seat].votes.length > 1) {
    const settled = settledVoteView(after, seat, texts)
    if (settled) view.voted = settled
  }
  if (opened?.kind === 'scene')
    view.scene = { number: opened.effect.scene, ...collectHappenings({}, entry, moments.slice(opens), seat) }
  if (entry.action.kind === 'control' && isControlVisibleTo(entry.action, seat)) view.control = entry.action.control
  return view
}

/** A prediction is shown again only once a segment has arrived: before that, its numbers would tell how the peer's are to be written. */
function predictedView(before: World | null, moments: readonly Moment[], seat: Seat): EventView['predicted'] {
  const prediction = before?.seats[seat].prediction
  const arrival = moments.find((moment) => moment.kind === 'arrived' && moment.effect.to === seat)
  if (!prediction || arrival?.kind !== 'arrived') return undefined
  const flight = { id: 0, from: peerOf(seat), segment: { ...prediction, window: 0 } }
  const { bits, seq, ack, length } = segmentView(arrival.after, flight, 0)
  return { bits, seq, ack, length, differs: comparePrediction(prediction, arrival.flight.segment) }
}

const discussedQuestionOf = (world: World, seat: Seat): ScriptQuestion | undefined =>
  sceneOf(world).questions[seat].find(({ discussed }) => discussed)

/** What a seat has answered alone. */
function votedView(world: World, seat: Seat, texts: HintTexts): EventView['partnerVoted'] {
  const question = discussedQuestionOf(world, seat)
  const text = question && texts.question(sceneOf(world).id, seat, question.id)
  const choice = text?.choices[world.seats[seat].votes[0] ?? -1]
  return text && choice && { ask: text.ask, choice: choice.text }
}

/** The question that a seat has voted on twice, with the reasons of all its choices, in the order that the seat is shown. */
function settledVoteView(world: World, seat: Seat, texts: HintTexts): EventView['voted'] {
  const question = discussedQuestionOf(world, seat)
  const text = question && texts.question(sceneOf(world).id, seat, question.id)
  return (
    text && {
      question: toOpaqueStepId(world.script, seat, question.id),
      right: question.order.indexOf(question.right),
      votes: world.seats[seat].votes.map((choice) => question.order.indexOf(choice)),
      why: question.order.flatMap((choice) => text.choices[choice]?.why ?? []),
    }
  )
}

/** While it is being made. */
type Draft<T> = { -readonly [F in keyof T]: T[F] }

/** Adds to `all` what happened to the seat's host in these moments of the entry. */
function collectHappenings(all: Draft<Happenings>, entry: Entry, moments: readonly Moment[], seat: Seat): Happenings {
  for (const moment of moments)
    switch (moment.kind) {
      case 'left':
        if (moment.effect.from === seat) all.sent = append(all.sent, viewFlight(moment))
        break
      case 'arrived':
        if (moment.effect.to === seat) all.arrived = append(all.arrived, viewFlight(moment))
        break
      case 'overheard':
        all.overheard = append(all.overheard, overheardView(moment.effect))
        break
      default: {
        const { effect } = moment
        if ('seat' in effect && effect.seat === seat) collectOwn(all, entry, effect, moment.after.clock)
      }
    }
  return all
}

/** Not by `push`, which reserves room for 17 elements: these lists are short, and a round keeps all of them. */
const append = <T>(list: readonly T[] = [], ...more: readonly T[]): readonly T[] => [...list, ...more]

/** `at`: world ms. */
function collectOwn(all: Draft<Happenings>, entry: Entry, effect: Effect, at: number): void {
  switch (effect.kind) {
    case 'called':
      // A call that the seat makes is already shown in `act`, unlike one that the invigilator makes for it.
      if (effect.by === 'exercise' || entry.action.kind !== 'call') all.called = append(all.called, effect.call)
      break
    case 'wrote':
      all.wrote = append(all.wrote, messageView({ ...effect, octets: effect.octets.length / 2, at }))
      break
    case 'read':
      all.read = append(all.read, messageView({ ...effect, at }))
      break
    case 'fired':
      all.fired = append(all.fired, effect.timer)
      break
    case 'tls': {
      const secrets = listEndpointSecrets(effect.set)
      if (secrets.length > 0) all.secrets = append(all.secrets, ...secrets)
      break
    }
    case 'said':
      all.state = effect.state
      break
    default:
  }
}

const viewFlight = ({ after, flight, effect }: Extract<Moment, { kind: 'left' | 'arrived' }>): SegmentView =>
  segmentViewWithPayload(after, flight, effect.at)

/** What an eavesdropper has computed. Copies only these fields, so that no secrets get into a view. */
export const overheardView = ({
  leaked,
  intercepted,
  steps,
  plaintexts,
  missing,
}: Extract<Effect, { kind: 'overheard' }>): OverheardView => ({
  leaked,
  ...(intercepted ? { intercepted } : {}),
  steps,
  plaintexts,
  missing,
})

const messageView = ({ name, text, facts, encrypted, octets, at }: MessageView): MessageView => ({
  at,
  name,
  ...(text === undefined ? {} : { text }),
  ...(facts ? { facts } : {}),
  ...(encrypted ? { encrypted } : {}),
  ...(octets === undefined ? {} : { octets }),
})

function actView(before: World | null, after: World, entry: Entry, action: SeatAction, seat: Seat, texts: HintTexts): ActView {
  const { outcome, findings, reason } = entry.verdict
  const exam = after.script.level === 'exam'
  const field = findings[0]?.field
  const tries = [...(before?.seats[seat].triedFields ?? []), field].filter((f) => f === field).length
  const charged = entry.effects.find((e) => e.kind === 'charged')
  const concept =
    charged && before && outcome === 'refused' && !exam && tries >= CONCEPT_AFTER_REFUSALS
      ? texts.hint(sceneOf(before).id, seat, charged.milestone, 2)
      : undefined
  const view: Draft<ActView> = {
    id: entry.actionId,
    action: toShownAction(after.script, seat, action),
    outcome,
    findings: exam ? [] : findings.map((f) => findingView(f, action, after, seat)),
  }
  if (reason && (!exam || outcome !== 'refused' || reason === 'same-again')) view.reason = reason
  if (concept) view.concept = concept
  if (entry.effects.some((e) => e.kind === 'invigilated')) view.invigilated = true
  return view
}

function findingView(finding: Finding, action: SeatAction, world: World, seat: Seat): FindingView {
  const { kind, field, rule, misconception } = finding
  const shown = toShownAction(world.script, seat, action)
  const given = shown.kind === 'answer' && field === 'answer' ? `${shown.choice}` : getGivenAsTyped(finding, action)
  return { kind, field, given: given?.trim() ?? null, rule, misconception }
}

function hintView(world: World, hinted: Extract<Effect, { kind: 'hinted' }>, seat: Seat, texts: HintTexts): HintView {
  const { milestone, rung, answer } = hinted
  const text = rung === 3 ? undefined : texts.hint(sceneOf(world).id, seat, milestone, rung)
  return {
    milestone: toOpaqueStepId(world.script, seat, milestone),
    rung,
    ...(text ? { text } : {}),
    ...(answer ? { answer: answerView(world, answer, seat) } : {}),
  }
}

function answerView(world: World, answer: HostTask, seat: Seat): AnswerView {
  switch (answer.kind) {
    case 'send': {
      const { bits, seq, ack, length } = segmentView(world, { id: 0, from: seat, segment: answer.segment }, 0)
      return { kind: 'send', bits, seq, ack, length, state: answer.state }
    }
    case 'call':
      return { kind: 'call', call: answer.call }
    case 'write':
      return { kind: 'write', message: answer.message }
    case 'claim':
      return { kind: 'claim', state: answer.state }
    case 'discard':
    case 'wait':
      return { kind: answer.kind }
  }
}

function nowView(world: World, seat: Seat, earlier: EarlierSituation | null): NowView {
  const { script, clock, paused, over } = world
  const record = world.seats[seat]
  const exam = script.level === 'exam'
  const events = record.openEvents.map((e) => e.view)
  const rung = nextRung(world, seat)
  const stopped = over ? ('over' as const) : paused ? ('paused' as const) : undefined
  const done = stopped ?? reasonToAnswerFirst(world, seat) ?? undefined
  const scene = sceneOf(world)
  const question = openQuestion(world, seat)
  const { strangers } = world.hosts[seat]
  const noSend = done ?? reasonNothingMayLeave(world, seat)
  const noWait = done ?? (record.waitRequested && !isSkipOffered(world, seat) ? ('already-waiting' as const) : undefined)
  const noHint = stopped ?? (rung ? undefined : ('no-hint-left' as const))
  return {
    scene: { number: world.sceneIndex, id: toOpaqueSceneId(world.sceneIndex) },
    turn: turnOf(world, seat),
    autopilot: isOnAutopilot(world),
    players: { client: world.seats.client.player, server: world.seats.server.player },
    clock,
    state: record.claimedState,
    tcb: script.level === 'guided' && record.shownTcb.state !== 'CLOSED' ? tcbView(world, seat) : null,
    tls: tlsView(scene.tls, seat),
    writes: scene.http ? httpMessageKindOf(seat) : null,
    unsentOctets: scene.http || scene.tls ? world.hosts[seat].tcb.queued : 0,
    mss: sendMss(world.hosts[seat].tcb),
    app: { called: world.hosts[seat].called, next: nextView(world, seat, done) },
    reasons: {
      ...(noSend ? { send: noSend } : {}),
      ...(done ? { claim: done, discard: done } : {}),
      ...(noWait ? { wait: noWait } : {}),
      ...(noHint ? { hint: noHint } : {}),
    },
    events,
    names: knownNames(world, seat, earlier),
    ...(script.own && scene.earlier.client !== scene.iss.client ? { earlierRoundAt: script.own } : {}),
    milestones: exam ? null : milestonesView(record.milestones, seat, earlier),
    score: exam || !over ? null : computeScore(world, seat),
    ...(script.partner.leaves ? { prefill: prefillView(world, seat, script.partner.leaves) } : {}),
    attempts: attemptsOf(script) - record.triedFields.length,
    hint: rung ? { rung, eighths: hintCost(world, rung) } : null,
    question: question && !over ? questionView(world, seat, question) : null,
    strangers: seat === 'server' && scene.backlog !== undefined ? { connections: strangers, backlog: scene.backlog } : null,
    waitRequested: record.waitRequested,
    paused,
    over,
  }
}

const questionView = ({ script, seats }: World, seat: Seat, { id, discussed }: ScriptQuestion): NowView['question'] => ({
  id: toOpaqueStepId(script, seat, id),
  ...(discussed ? { vote: seats[seat].votes.length > 0 ? 'together' : 'alone' } : {}),
})

/** Why the seat's TCP may send nothing at all: without a connection it only answers what arrives (RFC 9293 3.10.7.1, 3.10.7.2). */
function reasonNothingMayLeave(world: World, seat: Seat): 'not-open' | 'listening' | undefined {
  const { tcb } = world.hosts[seat]
  if (tcb.owes.length > 0 || world.seats[seat].openEvents.length > 0) return undefined
  return tcb.state === 'CLOSED' ? 'not-open' : tcb.state === 'LISTEN' ? 'listening' : undefined
}

function tlsView(tls: ScriptScene['tls'], seat: Seat): NowView['tls'] {
  if (!tls) return null
  const { versions, suites, groups, shows } = tls[seat]
  return { name: tls.name, rules: tls.rules, versions, suites, groups, shows }
}

function nextView(world: World, seat: Seat, stopped: Reason | undefined): NextStepView | null {
  const next = nextApplicationStep(world, seat)
  if (next?.step.by !== 'seat') return null
  const reason = stopped ?? (next.ready ? null : 'not-yet')
  const { call, write } = next.step
  if (call) return { call, reason }
  const { http } = sceneOf(world)
  if (!write || !http || isTlsSilent(world, seat)) return null
  const { host, closes = false, page } = http
  const { target, type, body } = page
  return write === 'request' ? { kind: write, host, target, closes, reason } : { kind: write, type, body, closes, reason }
}

function tcbView(world: World, seat: Seat): TcbView {
  const { snd, rcv, irs } = world.seats[seat].shownTcb
  const notation = notationOf(world)
  return {
    sndUna: formatNumber(snd.una, notation, 'seq', seat),
    sndNxt: formatNumber(snd.nxt, notation, 'seq', seat),
    sndWnd: snd.wnd,
    rcvNxt: irs === null ? null : formatNumber(rcv.nxt, notation, 'ack', seat),
    rcvWnd: rcv.wnd,
    queued: world.hosts[seat].tcb.queued,
  }
}

/** The bound names whose numbers the seat knows: its own, and those of others once it has heard from them. */
function knownNames(world: World, seat: Seat, earlier: EarlierSituation | null): NowView['names'] {
  const names = Object.entries(sceneOf(world).names)
  const known = names.filter(([, name]) => isKnown(world, seat, name))
  const before = earlier?.world.sceneIndex === world.sceneIndex ? earlier.now.names : null
  if (before && Object.keys(before).length === known.length) return before
  return Object.fromEntries(known.map(([name, { value }]) => [name, value]))
}

/** Whether the number that a name stands for has come to the seat's host. An old SYN of the peer's tells nothing of its new number. */
function isKnown(world: World, seat: Seat, { of, value }: ScriptScene['names'][string]): boolean {
  if (of === seat) return true
  const { iss, earlier, names } = sceneOf(world)
  const { arrived, tcb, visitedStates } = world.hosts[seat]
  if (value === iss[of] && Object.values(names).some((name) => name.value === earlier[of]))
    return tcb.irs === value || visitedStates.includes('ESTABLISHED')
  const isStrangers = value !== iss[of] && value !== earlier[of]
  return hasHeardPeer(world, seat) || (isStrangers && Object.keys(arrived).length > 0)
}

/** Whether the peer's SYN has arrived. */
function hasHeardPeer(world: World, seat: Seat): boolean {
  const { received, visitedStates } = world.hosts[seat]
  return received.includes('SYN') || visitedStates.includes('ESTABLISHED')
}

/** A seat's milestones. They are in the order of the script's steps, so that the index of each is its opaque id. */
function milestonesView(milestones: SeatRecord['milestones'], seat: Seat, earlier: EarlierSituation | null): NowView['milestones'] {
  if (earlier?.world.seats[seat].milestones === milestones) return earlier.now.milestones
  return milestones.map((m, index) => ({
    id: `${index}`,
    status: m.status === 'missed' ? 'shut' : m.status,
    eighths: worthEighths(m),
  }))
}
