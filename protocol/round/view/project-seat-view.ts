/** Makes a seat's view of an entry: what its host could see, and how things stand for it. */
import { peerOf, type Seat } from '../../seat.ts'
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
import { payloadLayoutOf } from '../fold/payload-layout.ts'
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
  SegmentView,
  TcbView,
  PlayerView,
} from './seat-view.ts'
import { reasonToAnswerFirst } from '../rules/goal.ts'
import { isTlsSilent } from '../rules/tls-end.ts'
import type { InFlightSegment, World } from '../model/world.ts'
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

/** The body of a seat's view of `entry`, or null where it sees nothing of it. `before` is null for the first entry. */
export function projectSeatView(
  before: World | null,
  after: World,
  entry: Entry,
  seat: Seat,
  texts: HintTexts,
): Omit<PlayerView, 'n'> | null {
  return isVisibleTo(entry, seat) ? { event: eventView(before, after, entry, seat, texts), now: nowView(after, seat) } : null
}

function eventView(before: World | null, after: World, entry: Entry, seat: Seat, texts: HintTexts): EventView {
  const own = entry.effects.filter((e) => 'seat' in e && e.seat === seat)
  const opens = entry.effects.findLastIndex((e) => e.kind === 'scene')
  const opened = entry.effects[opens]
  const answered = own.findLast((e) => e.kind === 'answered')
  const why =
    answered && before && before.script.level !== 'exam' && texts.why(sceneOf(before).id, seat, answered.question, answered.choice)
  const hinted = own.find((e) => e.kind === 'hinted')
  return {
    ...(entry.actor === seat && entry.action.kind !== 'control' && entry.action.kind !== 'wire'
      ? { act: actView(before, after, entry, entry.action, seat, texts) }
      : {}),
    // The numbers of the scene that ended are in its own names.
    ...collectHappenings(
      before,
      opened && before ? before : after,
      entry,
      opened ? entry.effects.slice(0, opens) : entry.effects,
      seat,
    ),
    ...(hinted ? { hint: hintView(after, hinted, seat, texts) } : {}),
    ...(why ? { why } : {}),
    ...(opened?.kind === 'scene'
      ? { scene: { number: opened.scene, ...collectHappenings(before, after, entry, entry.effects.slice(opens), seat) } }
      : {}),
    ...(entry.action.kind === 'control' && isControlVisibleTo(entry.action, seat) ? { control: entry.action.control } : {}),
  }
}

/** What these effects of the entry are for the seat; numbers in the names of the world's scene. */
function collectHappenings(before: World | null, world: World, entry: Entry, effects: readonly Effect[], seat: Seat): Happenings {
  const own = effects.filter((e) => 'seat' in e && e.seat === seat)
  // The seat's own call stands in `act`; one that the invigilator makes for it does not.
  const called = own.flatMap((e) => (e.kind === 'called' && (e.by === 'exercise' || entry.action.kind !== 'call') ? [e.call] : []))
  const fired = own.flatMap((e) => (e.kind === 'fired' ? [e.timer] : []))
  const wrote = own.flatMap((e) => (e.kind === 'wrote' ? [messageView({ ...e, octets: e.octets.length / 2 })] : []))
  const read = own.flatMap((e) => (e.kind === 'read' ? [messageView(e)] : []))
  const secrets = own.flatMap((e) => (e.kind === 'tls' ? listEndpointSecrets(e.set) : []))
  const sent = effects.flatMap((e) =>
    e.kind === 'left' && e.from === seat ? [withPayload(world, e, segmentView(world, e, e.at))] : [],
  )
  const arrived = effects.flatMap((e) => {
    if (e.kind !== 'arrived' || e.to !== seat) return []
    const flight = findInFlightSegment(before, entry, e.id)
    return flight ? [withPayload(world, flight, segmentView(world, { ...flight, id: e.id }, e.at))] : []
  })
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

/** With what it carries: both hosts can read that, the one that has written it and the one that has the keys. */
function withPayload(
  world: World,
  { from, segment, stranger }: Pick<InFlightSegment, 'from' | 'segment' | 'stranger'>,
  seen: SegmentView,
): SegmentView {
  const payload = stranger === undefined ? payloadLayoutOf(sceneOf(world), world.hosts[from].writtenMessages, from, segment) : []
  return payload.length > 0 ? { ...seen, payload } : seen
}

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

/** Numbers as the seat typed them. */
function findingView({ kind, field, given, rule, misconception }: Finding, action: SeatAction): FindingView {
  const typed = action.kind === 'send' && (field === 'seq' || field === 'ack') ? action.segment[field].trim() : null
  return { kind, field, given: given === null ? null : (typed ?? String(given)), rule, misconception }
}

/** A segment that this entry brings, or that was on the wire before. */
export function findInFlightSegment(
  before: World | null,
  entry: Entry,
  id: number,
): Pick<InFlightSegment, 'from' | 'segment' | 'stranger'> | undefined {
  for (const e of entry.effects) {
    if (!('id' in e) || e.id !== id) continue
    if (e.kind === 'left') return e
    if (e.kind === 'injected') return { ...e, from: peerOf(e.to) }
    if (e.kind === 'copied') return findInFlightSegment(before, entry, e.of)
  }
  return before?.wire.find((flight) => flight.id === id)
}

export function segmentView(
  world: World,
  flight: Pick<InFlightSegment, 'id' | 'from' | 'segment' | 'stranger'>,
  at: number,
): SegmentView {
  const { id, from, stranger } = flight
  const { bits, seq, ack, window, length } = flight.segment
  const notation = notationOf(world)
  return {
    id,
    from,
    bits,
    seq: formatNumber(seq, notation, 'seq', from),
    ack: ack === null ? null : formatNumber(ack, notation, 'ack', from),
    window,
    length,
    at,
    ...(stranger === undefined ? {} : { stranger }),
  }
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
