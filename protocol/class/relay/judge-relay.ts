/**
 * The judge of the longest wire. Both hosts are TCBs of the engine, which says what may be sent and what arrives; what is decided here is whose
 * turn it is, and when the applications write and close.
 */
import { formatNumber, parseNumber, type NotationContext } from '../../notation.ts'
import type { Reason } from '../../round/model/verdict.ts'
import { seededRandom } from '../../round/setup/random.ts'
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import type { Segment } from '../../segment.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import { maySend } from '../../tcp/may-send.ts'
import { RFC_9293 } from '../../tcp/rules.ts'
import { processArrival } from '../../tcp/segment-arrives.ts'
import { type UserCall, processCall } from '../../tcp/user-calls.ts'
import { type ActivityActor, type ActivityJudgement, TEACHER } from '../activity.ts'
import { applyRelayEffect, type RelayAction, type RelayEffect, type RelayWorld } from './relay-world.ts'

type Judgement = ActivityJudgement<RelayEffect>
type SendAction = Extract<RelayAction, { kind: 'send' | 'send-due' }>

/** What is written at once, in octets. */
const SENT_OCTETS = { min: 10, max: 60 }
/** So many segments with data travel before the applications close, however few take part. */
const MIN_DATA_SEGMENTS = 2

const accept = (effects: readonly RelayEffect[]): Judgement => ({ verdict: { outcome: 'accepted', findings: [] }, effects })
const bar = (reason: Reason): Judgement => ({ verdict: { outcome: 'barred', findings: [], reason }, effects: [] })

export function judgeRelay(world: RelayWorld, actor: ActivityActor, action: RelayAction): Judgement {
  if (world.over) return bar('over')
  switch (action.kind) {
    case 'enter':
      if (actor === TEACHER) return bar('not-yours')
      if (world.runners.some(({ id }) => id === actor)) return bar('already-called')
      return accept(withCalls(world, [{ kind: 'lined-up', id: actor }]))
    case 'send':
    case 'send-due':
      return judgeSend(world, actor, action)
    case 'pass-on':
      if (actor !== TEACHER) return bar('not-yours')
      return world.runners.length > 0 ? accept([{ kind: 'turn', runner: nextRunner(world) }]) : bar('not-yet')
    case 'close':
      if (actor !== TEACHER) return bar('not-yours')
      return world.closing ? bar('already-called') : accept(withCalls(world, [{ kind: 'closing' }]))
  }
}

const nextRunner = ({ turn, runners }: RelayWorld): number => (turn + 1) % runners.length

/** The seat that has to send a segment now; null if neither has. */
export const seatDue = ({ tcbs }: RelayWorld): Seat | null => SEATS.find((seat) => nextSegment(tcbs[seat]) !== null) ?? null

export const notationOfRelay = ({ setup: { iss } }: RelayWorld): NotationContext => ({
  kind: 'textbook',
  names: { x: { of: 'client', value: iss.client }, y: { of: 'server', value: iss.server } },
  iss,
})

/** A segment with its numbers in x and y. */
export const formatRelaySegment = (world: RelayWorld, from: Seat, { bits, seq, ack, length, window }: Segment) => ({
  bits,
  seq: formatNumber(seq, notationOfRelay(world), 'seq', from),
  ack: ack === null ? null : formatNumber(ack, notationOfRelay(world), 'ack', from),
  length,
  window,
})

function judgeSend(world: RelayWorld, actor: ActivityActor, action: SendAction): Judgement {
  const seat = seatDue(world)
  if (!seat || world.runners[world.turn]?.id !== actor) return bar('not-yet')
  const tcb = world.tcbs[seat]
  const segment = action.kind === 'send' ? readDraft(world, seat, action) : nextSegment(tcb)
  if (segment === null) return bar('nothing-to-send')
  if (typeof segment === 'string') return bar(segment)
  const state = action.kind === 'send' ? { state: action.state } : {}
  const permission = maySend(tcb, segment, { rules: RFC_9293, calls: 'given', ...state })
  if (!permission.ok) return { verdict: { outcome: 'refused', findings: permission.findings }, effects: [{ kind: 'missed' }] }
  const arrival = processArrival(world.tcbs[peerOf(seat)], segment, RFC_9293)
  const tcbs = seat === 'client' ? { client: permission.tcb, server: arrival.tcb } : { client: arrival.tcb, server: permission.tcb }
  const passed: RelayEffect = { kind: 'passed', from: seat, segment, by: world.turn, tcbs }
  return accept(withCalls(world, [passed, { kind: 'turn', runner: nextRunner(world) }]))
}

function readDraft(world: RelayWorld, seat: Seat, { segment: draft }: Extract<SendAction, { kind: 'send' }>): Segment | Reason {
  const notation = notationOfRelay(world)
  const seq = parseNumber(draft.seq, notation, 'seq', seat)
  if (seq === null) return 'unreadable-seq'
  const ack = draft.ack.trim() === '' ? null : parseNumber(draft.ack, notation, 'ack', seat)
  if (ack === null && draft.ack.trim() !== '') return 'unreadable-ack'
  return { bits: draft.bits, seq, ack, length: draft.length, window: draft.window ?? world.tcbs[seat].rcv.wnd }
}

/** These effects, and the calls that the applications make then, until one of the hosts has something to send or all is over. */
function withCalls(world: RelayWorld, effects: readonly RelayEffect[]): readonly RelayEffect[] {
  const all = [...effects]
  let now = effects.reduce(applyRelayEffect, world)
  for (let next = nextCall(now); next; next = nextCall(now)) {
    const result = next.kind === 'over' ? null : processCall(now.tcbs[next.seat], next.call)
    if (result && !result.ok) throw new Error(result.error)
    const effect: RelayEffect =
      next.kind === 'over' || !result ? { kind: 'over' } : { kind: 'called', seat: next.seat, call: next.call, tcb: result.tcb }
    all.push(effect)
    now = applyRelayEffect(now, effect)
  }
  return all
}

type NextCall = { readonly kind: 'call'; readonly seat: Seat; readonly call: UserCall } | { readonly kind: 'over' }

/** What the applications do now. Null if a host has a segment to send first, or all is over. */
function nextCall(world: RelayWorld): NextCall | null {
  if (world.over || seatDue(world)) return null
  const { client, server } = world.tcbs
  const call = (seat: Seat, made: UserCall): NextCall => ({ kind: 'call', seat, call: made })
  if (server.state === 'CLOSED' && server.opened === null && world.segments.length === 0)
    return call('server', { call: 'OPEN', mode: 'passive' })
  if (client.state === 'CLOSED' && world.segments.length === 0) return call('client', { call: 'OPEN', mode: 'active' })
  if (server.state === 'CLOSE-WAIT') return call('server', { call: 'CLOSE' })
  if (client.state !== 'ESTABLISHED') return { kind: 'over' }
  const written = world.segments.filter(({ segment }) => segment.length > 0).length
  const everybodyHad = world.runners.every(({ sent }) => sent > 0)
  if (world.closing || (everybodyHad && written >= MIN_DATA_SEGMENTS)) return call('client', { call: 'CLOSE' })
  const random = seededRandom(world.setup.seed ^ Math.imul(written + 1, 0x9e3779b1))
  const octets = SENT_OCTETS.min + Math.floor(random() * (SENT_OCTETS.max - SENT_OCTETS.min + 1))
  return call(written % 2 === 0 ? 'client' : 'server', { call: 'SEND', octets })
}
