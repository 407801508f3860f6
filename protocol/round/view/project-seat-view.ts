/** Makes a seat's view of an entry: what its host could see, and how things stand for it. */
import type { Seat } from '../../seat.ts'
import { formatNumber } from '../../notation.ts'
import type { Finding } from '../../findings.ts'
import { listEndpointSecrets } from '../../tls/endpoint/list-secrets.ts'
import type { SeatAction, HostTask } from '../model/action.ts'
import type { Effect } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'
import type { Reason } from '../model/verdict.ts'
import { isVisibleTo, isControlVisibleTo } from '../fold/visibility.ts'
import { nextHintRung, nextApplicationStep, openQuestion, attemptsOf, openMilestone } from '../fold/progress.ts'
import { type LocalizedText } from '../model/exercise.ts'
import { httpMessageKindOf } from '../rules/http-application.ts'
import type { Moment, TimelineEntry } from '../fold/timeline.ts'
import { COST_EIGHTHS, worthEighths } from '../fold/score.ts'
import type { ScriptScene } from '../model/script.ts'
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
  TcbView,
  PlayerView,
} from './seat-view.ts'
import { getGivenAsTyped } from './given-as-typed.ts'
import { segmentView, segmentViewWithPayload } from './segment-view.ts'
import { reasonToAnswerFirst } from '../rules/goal.ts'
import { isTlsSilent } from '../rules/tls-end.ts'
import type { World } from '../model/world.ts'
import { notationOf, sceneOf } from '../fold/current-scene.ts'

/** The third refusal on one field opens the concept. */
const CONCEPT_AFTER_REFUSALS = 3

/** The texts that the log does not hold, each for a scene's id. */
export interface HintTexts {
  /** Of the hints of a seat's milestones: a nudge (rung 1), the concept with its rule (rung 2). */
  readonly hint: (scene: string, seat: Seat, milestone: string, rung: 1 | 2) => LocalizedText | undefined
  /** What choosing an answer shows. */
  readonly why: (scene: string, seat: Seat, question: string, choice: number) => LocalizedText | undefined
}

/** The body of a seat's view of an entry, or null where it sees nothing of it. */
export function projectSeatView(read: TimelineEntry, seat: Seat, texts: HintTexts): Omit<PlayerView, 'n'> | null {
  return isVisibleTo(read.entry, seat) ? { event: eventView(read, seat, texts), now: nowView(read.after, seat) } : null
}

function eventView({ entry, before, moments, after }: TimelineEntry, seat: Seat, texts: HintTexts): EventView {
  const own = entry.effects.filter((e) => 'seat' in e && e.seat === seat)
  const opens = moments.findLastIndex((moment) => moment.kind === 'scene')
  const opened = moments[opens]
  const answered = own.findLast((e) => e.kind === 'answered')
  const why =
    answered && before && before.script.level !== 'exam' && texts.why(sceneOf(before).id, seat, answered.question, answered.choice)
  const hinted = own.find((e) => e.kind === 'hinted')
  return {
    ...(entry.actor === seat && entry.action.kind !== 'control' && entry.action.kind !== 'wire'
      ? { act: actView(before, after, entry, entry.action, seat, texts) }
      : {}),
    ...collectHappenings(entry, opened ? moments.slice(0, opens) : moments, seat),
    ...(hinted ? { hint: hintView(after, hinted, seat, texts) } : {}),
    ...(why ? { why } : {}),
    ...(opened?.kind === 'scene'
      ? { scene: { number: opened.effect.scene, ...collectHappenings(entry, moments.slice(opens), seat) } }
      : {}),
    ...(entry.action.kind === 'control' && isControlVisibleTo(entry.action, seat) ? { control: entry.action.control } : {}),
  }
}

/** What these moments of the entry are for the seat. */
function collectHappenings(entry: Entry, moments: readonly Moment[], seat: Seat): Happenings {
  const effects = moments.map(({ effect }) => effect)
  const own = effects.filter((e) => 'seat' in e && e.seat === seat)
  // The seat's own call stands in `act`; one that the invigilator makes for it does not.
  const called = own.flatMap((e) => (e.kind === 'called' && (e.by === 'exercise' || entry.action.kind !== 'call') ? [e.call] : []))
  const fired = own.flatMap((e) => (e.kind === 'fired' ? [e.timer] : []))
  const wrote = own.flatMap((e) => (e.kind === 'wrote' ? [messageView({ ...e, octets: e.octets.length / 2 })] : []))
  const read = own.flatMap((e) => (e.kind === 'read' ? [messageView(e)] : []))
  const secrets = own.flatMap((e) => (e.kind === 'tls' ? listEndpointSecrets(e.set) : []))
  const sent = moments.flatMap((m) =>
    m.kind === 'left' && m.effect.from === seat ? [segmentViewWithPayload(m.after, m.flight, m.effect.at)] : [],
  )
  const arrived = moments.flatMap((m) =>
    m.kind === 'arrived' && m.effect.to === seat ? [segmentViewWithPayload(m.after, m.flight, m.effect.at)] : [],
  )
  const overheard = collectOverheard(effects)
  const said = own.findLast((e) => e.kind === 'said')
  return {
    ...(called.length > 0 ? { called } : {}),
    ...(wrote.length > 0 ? { wrote } : {}),
    ...(read.length > 0 ? { read } : {}),
    ...(sent.length > 0 ? { sent } : {}),
    ...(arrived.length > 0 ? { arrived } : {}),
    ...(fired.length > 0 ? { fired } : {}),
    ...(overheard.length > 0 ? { overheard } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
    ...(said ? { state: said.state } : {}),
  }
}

/** What an eavesdropper has computed: nothing that is anybody's secret goes into it. */
export const collectOverheard = (effects: readonly Effect[]): readonly OverheardView[] =>
  effects.flatMap((e) =>
    e.kind === 'overheard' ? [{ leaked: e.leaked, steps: e.steps, plaintexts: e.plaintexts, missing: e.missing }] : [],
  )

const messageView = ({ name, text, facts, encrypted, octets }: MessageView): MessageView => ({
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
  const step = before && openMilestone(before.seats[seat])
  const concept =
    step && outcome === 'refused' && !exam && tries >= CONCEPT_AFTER_REFUSALS
      ? texts.hint(sceneOf(before).id, seat, step.id, 2)
      : undefined
  return {
    id: entry.actionId,
    action,
    outcome,
    findings: exam ? [] : findings.map((f) => findingView(f, action)),
    ...(reason && !(exam && outcome === 'refused') ? { reason } : {}),
    ...(concept ? { concept } : {}),
    ...(entry.effects.some((e) => e.kind === 'invigilated') ? { invigilated: true } : {}),
  }
}

function findingView(finding: Finding, action: SeatAction): FindingView {
  const { kind, field, rule, misconception } = finding
  return { kind, field, given: getGivenAsTyped(finding, action)?.trim() ?? null, rule, misconception }
}

function hintView(world: World, hinted: Extract<Effect, { kind: 'hinted' }>, seat: Seat, texts: HintTexts): HintView {
  const { milestone, rung, answer } = hinted
  const text = rung === 3 ? undefined : texts.hint(sceneOf(world).id, seat, milestone, rung)
  return { milestone, rung, ...(text ? { text } : {}), ...(answer ? { answer: answerView(world, answer, seat) } : {}) }
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

function nowView(world: World, seat: Seat): NowView {
  const { script, clock, paused, over } = world
  const record = world.seats[seat]
  const exam = script.level === 'exam'
  const events = record.openEvents.map((e) => e.view)
  const rung = nextHintRung(world, seat)?.rung
  const stopped = over ? ('over' as const) : paused ? ('paused' as const) : undefined
  const done = stopped ?? reasonToAnswerFirst(world, seat) ?? undefined
  const scene = sceneOf(world)
  const question = openQuestion(world, seat)
  const { strangers } = world.hosts[seat]
  const noEvent = done ?? (events.length === 0 ? ('no-event' as const) : undefined)
  const noWait = done ?? (record.waitRequested ? ('already-waiting' as const) : undefined)
  const noHint = stopped ?? (rung ? undefined : ('no-hint-left' as const))
  return {
    scene: { number: world.sceneIndex, id: scene.id },
    players: { client: world.seats.client.player, server: world.seats.server.player },
    clock,
    state: record.claimedState,
    tcb: script.level === 'guided' && record.shownTcb.state !== 'CLOSED' ? tcbView(world, seat) : null,
    tls: tlsView(scene.tls, seat),
    writes: scene.http ? httpMessageKindOf(seat) : null,
    unsentOctets: scene.http || scene.tls ? world.hosts[seat].tcb.queued : 0,
    app: { called: world.hosts[seat].called, next: nextView(world, seat, done) },
    reasons: {
      ...(done ? { send: done } : {}),
      ...(noEvent ? { claim: noEvent, discard: noEvent } : {}),
      ...(noWait ? { wait: noWait } : {}),
      ...(noHint ? { hint: noHint } : {}),
    },
    events,
    names: knownNames(world, seat),
    ...(script.own && scene.earlier.client !== scene.iss.client ? { earlierRoundAt: script.own } : {}),
    milestones: exam ? null : record.milestones.map((m) => ({ id: m.id, status: m.status, eighths: worthEighths(m) })),
    attempts: attemptsOf(script) - record.triedFields.length,
    hint: rung ? { rung, eighths: COST_EIGHTHS.hint[rung] } : null,
    question: question && !over ? { id: question.id, order: question.order } : null,
    strangers: seat === 'server' && scene.backlog !== undefined ? { connections: strangers, backlog: scene.backlog } : null,
    waitRequested: record.waitRequested,
    paused,
    over,
  }
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

/** The peer's numbers are known once its SYN has come. */
function knownNames(world: World, seat: Seat): { [name: string]: number } {
  const { received, visitedStates } = world.hosts[seat]
  const heard = received.includes('SYN') || visitedStates.includes('ESTABLISHED')
  return Object.fromEntries(
    Object.entries(sceneOf(world).names)
      .filter(([, { of }]) => of === seat || heard)
      .map(([name, { value }]) => [name, value]),
  )
}
