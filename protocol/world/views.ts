/** Makes a seat's view of an entry: what its host could see, and how things stand for it. */
import { formatNumber } from '../notation.ts'
import type { Finding } from '../findings.ts'
import { secretsOf } from '../tls/secrets.ts'
import type { Effect, Entry, Reason, SeatAction, Task } from './action.ts'
import { concerns, toldTo } from './concerns.ts'
import { nextRung, nextStep, openQuestion } from './conditions.ts'
import { peerOf, type Seat, type Text } from './exercise.ts'
import { kindOf } from './http.ts'
import { piecesOf } from './pieces.ts'
import { COST, worth } from './score.ts'
import type { Scene } from './script.ts'
import type {
  ActView,
  AnswerView,
  EventView,
  FindingView,
  Happened,
  HintView,
  MessageView,
  NextView,
  NowView,
  OverheardView,
  SegmentView,
  TcbView,
  View,
} from './view.ts'
import { questionFirst } from './settle.ts'
import { isSilent } from './tls.ts'
import { attemptsOf, type Flight, notationOf, openMilestone, sceneOf, type World } from './world.ts'

/** The third refusal on one field opens the concept. */
const CONCEPT_AFTER = 3

/** The texts that the log does not hold, each for a scene's id. */
export interface Texts {
  /** Of the hints of a seat's milestones: a nudge (rung 1), the concept with its rule (rung 2). */
  readonly hint: (scene: string, seat: Seat, milestone: string, rung: 1 | 2) => Text | undefined
  /** What choosing an answer shows. */
  readonly why: (scene: string, seat: Seat, question: string, choice: number) => Text | undefined
}

/** The body of a seat's view of `entry`, or null where it sees nothing of it. `before` is null for the first entry. */
export function view(before: World | null, after: World, entry: Entry, seat: Seat, texts: Texts): Omit<View, 'n'> | null {
  return concerns(entry, seat) ? { event: eventView(before, after, entry, seat, texts), now: nowView(after, seat) } : null
}

function eventView(before: World | null, after: World, entry: Entry, seat: Seat, texts: Texts): EventView {
  const own = entry.effects.filter((e) => 'seat' in e && e.seat === seat)
  const opens = entry.effects.findLastIndex((e) => e.is === 'scene')
  const opened = entry.effects[opens]
  const answered = own.findLast((e) => e.is === 'answered')
  const why =
    answered && before && before.script.level !== 'exam' && texts.why(sceneOf(before).id, seat, answered.question, answered.choice)
  const hinted = own.find((e) => e.is === 'hinted')
  return {
    ...(entry.actor === seat && entry.action.type !== 'control' && entry.action.type !== 'wire'
      ? { act: actView(before, after, entry, entry.action, seat, texts) }
      : {}),
    // The numbers of the scene that ended are in its own names.
    ...happened(before, opened && before ? before : after, entry, opened ? entry.effects.slice(0, opens) : entry.effects, seat),
    ...(hinted ? { hint: hintView(after, hinted, seat, texts) } : {}),
    ...(why ? { why } : {}),
    ...(opened?.is === 'scene'
      ? { scene: { number: opened.scene, ...happened(before, after, entry, entry.effects.slice(opens), seat) } }
      : {}),
    ...(entry.action.type === 'control' && toldTo(entry.action, seat) ? { control: entry.action.control } : {}),
  }
}

/** What these effects of the entry are for the seat; numbers in the names of the world's scene. */
function happened(before: World | null, world: World, entry: Entry, effects: readonly Effect[], seat: Seat): Happened {
  const own = effects.filter((e) => 'seat' in e && e.seat === seat)
  // The seat's own call stands in `act`; one that the invigilator makes for it does not.
  const called = own.flatMap((e) => (e.is === 'called' && (e.by === 'exercise' || entry.action.type !== 'call') ? [e.call] : []))
  const fired = own.flatMap((e) => (e.is === 'fired' ? [e.timer] : []))
  const wrote = own.flatMap((e) => (e.is === 'wrote' ? [messageView({ ...e, octets: e.octets.length / 2 })] : []))
  const read = own.flatMap((e) => (e.is === 'read' ? [messageView(e)] : []))
  const secrets = own.flatMap((e) => (e.is === 'tls' ? secretsOf(e.set) : []))
  const sent = effects.flatMap((e) => (e.is === 'left' && e.from === seat ? [carrying(world, e, segmentView(world, e, e.at))] : []))
  const arrived = effects.flatMap((e) => {
    if (e.is !== 'arrived' || e.to !== seat) return []
    const flight = flightOf(before, entry, e.id)
    return flight ? [carrying(world, flight, segmentView(world, { ...flight, id: e.id }, e.at))] : []
  })
  const overheard = overheardIn(effects)
  const said = own.findLast((e) => e.is === 'said')
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
export const overheardIn = (effects: readonly Effect[]): readonly OverheardView[] =>
  effects.flatMap((e) =>
    e.is === 'overheard' ? [{ leaked: e.leaked, steps: e.steps, plaintexts: e.plaintexts, missing: e.missing }] : [],
  )

const messageView = ({ name, text, facts, encrypted, octets }: MessageView): MessageView => ({
  name,
  ...(text === undefined ? {} : { text }),
  ...(facts ? { facts } : {}),
  ...(encrypted ? { encrypted } : {}),
  ...(octets === undefined ? {} : { octets }),
})

/** With what it carries: both hosts can read that, the one that has written it and the one that has the keys. */
function carrying(world: World, { from, segment, stranger }: Pick<Flight, 'from' | 'segment' | 'stranger'>, seen: SegmentView) {
  const pieces = stranger === undefined ? piecesOf(sceneOf(world), world.hosts[from].wrote, from, segment) : []
  return pieces.length > 0 ? { ...seen, pieces } : seen
}

function actView(before: World | null, after: World, entry: Entry, action: SeatAction, seat: Seat, texts: Texts): ActView {
  const { outcome, findings, reason } = entry.verdict
  const exam = after.script.level === 'exam'
  const field = findings[0]?.field
  const tries = [...(before?.seats[seat].tries ?? []), field].filter((f) => f === field).length
  const step = before && openMilestone(before.seats[seat])
  const concept =
    step && outcome === 'refused' && !exam && tries >= CONCEPT_AFTER ? texts.hint(sceneOf(before).id, seat, step.id, 2) : undefined
  return {
    id: entry.actionId,
    action,
    outcome,
    findings: exam ? [] : findings.map((f) => findingView(f, action)),
    ...(reason && !(exam && outcome === 'refused') ? { reason } : {}),
    ...(concept ? { concept } : {}),
    ...(entry.effects.some((e) => e.is === 'invigilated') ? { invigilated: true } : {}),
  }
}

/** Numbers as the seat typed them. */
function findingView({ kind, field, given, rule, misconception }: Finding, action: SeatAction): FindingView {
  const typed = action.type === 'send' && (field === 'seq' || field === 'ack') ? action.segment[field].trim() : null
  return { kind, field, given: given === null ? null : (typed ?? String(given)), rule, misconception }
}

/** A segment that this entry brings, or that was on the wire before. */
export function flightOf(
  before: World | null,
  entry: Entry,
  id: number,
): Pick<Flight, 'from' | 'segment' | 'stranger'> | undefined {
  for (const e of entry.effects) {
    if (!('id' in e) || e.id !== id) continue
    if (e.is === 'left') return e
    if (e.is === 'injected') return { ...e, from: peerOf(e.to) }
    if (e.is === 'copied') return flightOf(before, entry, e.of)
  }
  return before?.wire.find((flight) => flight.id === id)
}

export function segmentView(world: World, flight: Pick<Flight, 'id' | 'from' | 'segment' | 'stranger'>, at: number): SegmentView {
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

function hintView(world: World, hinted: Extract<Effect, { is: 'hinted' }>, seat: Seat, texts: Texts): HintView {
  const { milestone, rung, answer } = hinted
  const text = rung === 3 ? undefined : texts.hint(sceneOf(world).id, seat, milestone, rung)
  return { milestone, rung, ...(text ? { text } : {}), ...(answer ? { answer: answerView(world, answer, seat) } : {}) }
}

function answerView(world: World, answer: Task, seat: Seat): AnswerView {
  switch (answer.act) {
    case 'send': {
      const { bits, seq, ack, length } = segmentView(world, { id: 0, from: seat, segment: answer.segment }, 0)
      return { act: 'send', bits, seq, ack, length, state: answer.state }
    }
    case 'call':
      return { act: 'call', call: answer.call }
    case 'write':
      return { act: 'write', message: answer.message }
    case 'claim':
      return { act: 'claim', state: answer.state }
    case 'discard':
    case 'wait':
      return { act: answer.act }
  }
}

function nowView(world: World, seat: Seat): NowView {
  const { script, clock, paused, over } = world
  const record = world.seats[seat]
  const exam = script.level === 'exam'
  const events = record.events.map((e) => e.view)
  const rung = nextRung(world, seat)?.rung
  const stopped = over ? ('over' as const) : paused ? ('paused' as const) : undefined
  const done = stopped ?? questionFirst(world, seat) ?? undefined
  const scene = sceneOf(world)
  const question = openQuestion(world, seat)
  const { strangers } = world.hosts[seat]
  const noEvent = done ?? (events.length === 0 ? ('no-event' as const) : undefined)
  const noWait = done ?? (record.lodged ? ('already-waiting' as const) : undefined)
  const noHint = stopped ?? (rung ? undefined : ('no-hint-left' as const))
  return {
    scene: { number: world.scene, id: scene.id },
    players: { client: world.seats.client.player, server: world.seats.server.player },
    clock,
    state: record.said,
    tcb: script.level === 'guided' && record.shown.state !== 'CLOSED' ? tcbView(world, seat) : null,
    tls: tlsView(scene.tls, seat),
    writes: scene.http ? kindOf(seat) : null,
    unsent: scene.http || scene.tls ? world.hosts[seat].tcb.queued : 0,
    app: { called: world.hosts[seat].called, next: nextView(world, seat, done) },
    reasons: {
      ...(done ? { send: done } : {}),
      ...(noEvent ? { claim: noEvent, discard: noEvent } : {}),
      ...(noWait ? { wait: noWait } : {}),
      ...(noHint ? { hint: noHint } : {}),
    },
    events,
    names: namesKnown(world, seat),
    ...(script.own && scene.earlier.client !== scene.iss.client ? { own: script.own } : {}),
    milestones: exam ? null : record.milestones.map((m) => ({ id: m.id, status: m.status, eighths: worth(m) })),
    attempts: attemptsOf(script) - record.tries.length,
    hint: rung ? { rung, eighths: COST.hint[rung] } : null,
    question: question && !over ? { id: question.id, order: question.order } : null,
    strangers: seat === 'server' && scene.backlog !== undefined ? { connections: strangers, backlog: scene.backlog } : null,
    lodged: record.lodged,
    paused,
    over,
  }
}

function tlsView(tls: Scene['tls'], seat: Seat): NowView['tls'] {
  if (!tls) return null
  const { versions, suites, groups, shows } = tls[seat]
  return { name: tls.name, rules: tls.rules, versions, suites, groups, shows }
}

function nextView(world: World, seat: Seat, stopped: Reason | undefined): NextView | null {
  const next = nextStep(world, seat)
  if (next?.step.by !== 'seat') return null
  const reason = stopped ?? (next.ready ? null : 'not-yet')
  const { call, write } = next.step
  if (call) return { call, reason }
  const { http } = sceneOf(world)
  if (!write || !http || isSilent(world, seat)) return null
  const { host, closes = false, page } = http
  const { target, type, body } = page
  return write === 'request' ? { write, host, target, closes, reason } : { write, type, body, closes, reason }
}

function tcbView(world: World, seat: Seat): TcbView {
  const { snd, rcv, irs } = world.seats[seat].shown
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
function namesKnown(world: World, seat: Seat): { [name: string]: number } {
  const { received, been } = world.hosts[seat]
  const heard = received.includes('SYN') || been.includes('ESTABLISHED')
  return Object.fromEntries(
    Object.entries(sceneOf(world).names)
      .filter(([, { of }]) => of === seat || heard)
      .map(([name, { value }]) => [name, value]),
  )
}
