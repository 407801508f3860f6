/** Describes each step of a replay in one sentence, in the language of the page. */
import { peerOf, type Seat } from '../../../protocol/seat.ts'
import { bitNames, hasBit, RST, segmentLength, type Segment } from '../../../protocol/segment.ts'
import { gt, lt, sub } from '../../../protocol/seq.ts'
import { hasReceivedFin, type PendingSegment, type Tcb } from '../../../protocol/tcp/tcb.ts'
import type { Action } from '../../../protocol/round/model/action.ts'
import type { Effect, InjectedOrigin } from '../../../protocol/round/model/effect.ts'
import type { InFlightSegment } from '../../../protocol/round/model/world.ts'
import { formatSegmentParts } from '../ladder/segment-label.ts'
import { TIMER_LABELS } from '../ladder/row-texts.ts'
import { formatCall, summarizeComposed, summarizeMessage } from '../lib/labels.ts'
import { m } from '../generated/messages.ts'
import { listFindings, isInvigilated, type Headline, type ReplayStep } from './replay-steps.ts'

/** `The client's SYN arrives; the server goes to SYN-RECEIVED and owes a SYN,ACK.` */
export function describeStep(step: ReplayStep): string {
  const clauses = buildClauses(step)
  const text = m.debrief_sentence({ clauses: clauses.reduce((before, clause) => m.debrief_clauses({ before, clause })) })
  return (text.charAt(0).toUpperCase() + text.slice(1)).replace(SPACE_BETWEEN_CJK, '$1').replace(LATIN_BEFORE_CJK, '$1 ')
}

/** Chinese typesetting: no space between two ideographs, and one between a Latin letter or digit and an ideograph after it. */
const SPACE_BETWEEN_CJK = /([\u4e00-\u9fff\uff09]) (?=[\u4e00-\u9fff])/g
const LATIN_BEFORE_CJK = /([0-9A-Za-z])(?=[\u4e00-\u9fff])/g

/** The name of a seat inside a sentence, without an article. */
export const formatSeatWord = (seat: Seat): string => (seat === 'client' ? m.debrief_client() : m.debrief_server())
const formatSeatWithArticle = (seat: Seat): string => m.debrief_the({ seat: formatSeatWord(seat) })

function buildClauses(step: ReplayStep): string[] {
  const { entry, headline, moments } = step
  const effects = moments.map(({ effect }) => effect)
  const { actor, action, verdict } = entry
  const seat = actor === 'client' || actor === 'server' ? actor : null
  if (headline === null && !isInvigilated(moments)) {
    const idle = action.kind === 'control' && action.control === 'idle' ? action.seat : seat
    const done = idle ? describeAct(action, formatSeatWithArticle(idle), effects) : []
    return verdict.outcome === 'refused' ? done.map((what) => m.debrief_refused({ deed: what })) : done
  }
  const said = effects.flatMap((e) =>
    e.kind === 'said' ? [m.debrief_is_in({ who: formatSeatWithArticle(e.seat), state: e.state })] : [],
  )
  return [
    ...(isInvigilated(moments) && seat ? [m.debrief_invigilated({ who: formatSeatWithArticle(seat) })] : []),
    ...(headline ? describeHeadline(headline, step) : said),
    ...(headline?.kind === 'left' && listFindings(step).length > 0 ? [m.ladder_useless()] : []),
  ]
}

/** An act that is a step itself: a refused attempt, or an accepted act that neither sends nor calls. */
function describeAct(action: Action, who: string, effects: readonly Effect[]): string[] {
  switch (action.kind) {
    case 'send': {
      const segment = formatSegmentParts(action.segment).map(({ text }) => text)
      return [m.debrief_tries({ who, segment: segment.join(' '), state: action.state })]
    }
    case 'call':
      return [m.debrief_tries_call({ who, call: formatCall(action.call) })]
    case 'write':
      return [m.debrief_tries_write({ who, message: summarizeComposed(action.message) })]
    case 'claim':
      return [m.debrief_claims({ who, state: action.state })]
    case 'discard':
      return [m.debrief_discards({ who })]
    case 'hint':
      return [m.debrief_hint({ who })]
    case 'answer': {
      if (effects.some((e) => e.kind === 'voted'))
        return [effects.some((e) => e.kind === 'milestone') ? m.debrief_votes_again({ who }) : m.debrief_votes({ who })]
      const right = effects.some((e) => e.kind === 'answered' && e.right)
      return [right ? m.debrief_answers_right({ who }) : m.debrief_answers_wrong({ who })]
    }
    case 'wait':
    case 'predict': // no step of a replay
    case 'control':
    case 'wire':
      return [m.debrief_waits({ who })]
  }
}

function describeHeadline({ kind, effect, flight }: Headline, step: ReplayStep): string[] {
  switch (kind) {
    case 'begun': {
      const { client, server } = effect.tcbs
      return [m.debrief_begins({ client: client.state, server: server.state })]
    }
    case 'called':
      return [
        m.debrief_calls({ who: formatSeatWithArticle(effect.seat), call: formatCall(effect.call) }),
        ...describeStateChange(effect.seat, step),
      ]
    case 'wrote': {
      const { seat, octets } = effect
      return [
        m.debrief_writes({ who: formatSeatWithArticle(seat), message: summarizeMessage(effect), octets: octets.length / 2 }),
        ...describeStateChange(seat, step),
      ]
    }
    case 'read':
      return [m.debrief_reads({ who: formatSeatWithArticle(effect.seat), message: summarizeMessage(effect) })]
    case 'scene': {
      const [client, server] = [effect.tcbs.client.state, effect.tcbs.server.state]
      return [m.debrief_scene({ number: effect.scene + 1, client, server })]
    }
    case 'left': {
      const { from, segment, stranger, id } = effect
      const inputs = { who: formatSeatWithArticle(from), segment: formatSegment(segment) }
      if (stranger !== undefined) return [m.debrief_sends_to({ ...inputs, stranger })]
      const sent = isRetransmission(from, segment, step) ? m.debrief_sends_again(inputs) : m.debrief_sends(inputs)
      return [sent, ...describeStateChange(from, step, 'it'), ...describeHold(id, step)]
    }
    case 'injected': {
      const { as, to, segment, stranger } = effect
      return [
        INJECTION_TEXTS[as]({
          who: stranger ?? formatSeatWithArticle(peerOf(to)),
          to: formatSeatWithArticle(to),
          segment: formatSegment(segment),
        }),
      ]
    }
    case 'copied':
      return [m.debrief_copied_segment(describeFlight(flight))]
    case 'arrived':
      return describeArrival(effect.to, flight, step)
    case 'lost':
      return [LOSS_TEXTS[effect.why](describeFlight(flight))]
    case 'strangers':
      return [m.debrief_connections({ who: formatSeatWithArticle(effect.seat), count: effect.strangers.length })]
    case 'seated':
      return [
        effect.player === 'partner'
          ? m.debrief_partner_plays({ who: formatSeatWithArticle(effect.seat) })
          : m.debrief_person_plays({ who: formatSeatWithArticle(effect.seat) }),
      ]
    case 'wire':
      return [effect.stops ? m.debrief_wire_stops() : m.debrief_wire_flows()]
    case 'fired': {
      const { seat, timer } = effect
      return [
        m.debrief_fires({ who: formatSeatWithArticle(seat), timer: TIMER_LABELS[timer]() }),
        ...describeStateChange(seat, step),
      ]
    }
    case 'over':
      return [OVER_TEXTS[effect.why]()]
  }
}

const OVER_TEXTS: { readonly [W in Extract<Effect, { kind: 'over' }>['why']]: () => string } = {
  goal: m.debrief_over_goal,
  broken: m.debrief_over_broken,
  'moved-on': m.debrief_over_moved_on,
  ended: m.debrief_over_ended,
}

const LOSS_TEXTS: { readonly [W in Extract<Effect, { kind: 'lost' }>['why']]: (flying: FlightText) => string } = {
  dropped: m.debrief_lost,
  corrupted: m.debrief_lost_corrupted,
  backlog: m.debrief_lost_backlog,
  vanished: m.debrief_lost_vanished,
}

const INJECTION_TEXTS: { readonly [A in InjectedOrigin]: (inputs: FlightText & { to: string }) => string } = {
  stale: m.debrief_injected_stale,
  forged: m.debrief_injected_forged,
  planted: m.debrief_injected_planted,
  stranger: m.debrief_injected_stranger,
}

const ARRIVAL_TEXTS: { readonly [A in InjectedOrigin]: (flying: FlightText) => string } = {
  stale: m.debrief_arrives_stale,
  forged: m.debrief_arrives_forged,
  planted: m.debrief_arrives_planted,
  stranger: m.debrief_arrives,
}

interface FlightText {
  /** The sender. */
  readonly who: string
  readonly segment: string
}

function describeFlight({ as, from, stranger, segment }: InFlightSegment): FlightText {
  // A stranger's own segment is injected and has `as`; a segment to a stranger was sent by the seat.
  const who = as !== undefined && stranger !== undefined ? stranger : formatSeatWithArticle(from)
  return { who, segment: formatSegment(segment) }
}

/** A clause if the wire holds the segment back. */
const describeHold = (id: number, { after }: ReplayStep): string[] =>
  after.wire.some((f) => f.id === id && f.due !== null) ? [m.debrief_held()] : []

/** What an arrival changes at the receiver, in the RFC's order: what is acknowledged, data, FIN and state, newly pending segments. */
function describeArrival(to: Seat, flight: InFlightSegment, step: ReplayStep): string[] {
  const [before, after] = getTcbs(to, step)
  const table = step.moments.find((moment) => moment.kind === 'strangers')
  const clauses: string[] = [(flight.as ? ARRIVAL_TEXTS[flight.as] : m.debrief_arrives)(describeFlight(flight))]
  if (table) return [...clauses, m.debrief_connections({ who: formatSeatWithArticle(to), count: table.effect.strangers.length })]
  if (before) clauses.push(...describeAcknowledged(to, before, after))
  const octets = before ? countReceivedOctets(before, after) : 0
  if (octets > 0) clauses.push(m.debrief_takes({ who: formatSeatWithArticle(to), octets }))
  clauses.push(...describeStateChange(to, step, octets > 0 ? 'it' : undefined))
  if (listNewDebts(before, after).length === 0) clauses.push(m.debrief_owes_nothing())
  return clauses
}

/** The state that a side changes to, and the segments that are newly pending. */
function describeStateChange(seat: Seat, step: ReplayStep, as?: 'it'): string[] {
  const [before, after] = getTcbs(seat, step)
  const who = as === 'it' ? m.debrief_it() : formatSeatWithArticle(seat)
  const debts = listNewDebts(before, after)
  const { state } = after
  if (before?.state === state) return debts.length > 0 ? [m.debrief_owes({ who, debts: joinDebts(debts) })] : []
  return [debts.length > 0 ? m.debrief_goes_and_owes({ who, state, debts: joinDebts(debts) }) : m.debrief_goes({ who, state })]
}

const getTcbs = (seat: Seat, { before, after }: ReplayStep): [Tcb | undefined, Tcb] => [
  before?.hosts[seat].tcb,
  after.hosts[seat].tcb,
]

/** The segments that became pending in the step. */
const listNewDebts = (before: Tcb | undefined, after: Tcb): readonly PendingSegment[] =>
  after.owes.filter((debt) => !before?.owes.some((old) => JSON.stringify(old) === JSON.stringify(debt)))

const joinDebts = (debts: readonly PendingSegment[]): string =>
  [...new Set(debts.map(formatDebt))].reduce((before, debt) => m.debrief_and({ before, debt }))

function formatDebt(debt: PendingSegment): string {
  if (debt.kind === 'ACK') return debt.why === 'gap' ? m.debrief_debt_duplicate_ack() : m.debrief_debt_ack()
  return DEBT_TEXTS[debt.kind]()
}

const DEBT_TEXTS: { readonly [K in Exclude<PendingSegment['kind'], 'ACK'>]: () => string } = {
  SYN: m.debrief_debt_syn,
  'SYN,ACK': m.debrief_debt_syn_ack,
  FIN: m.debrief_debt_fin,
  data: m.debrief_debt_data,
  RST: m.debrief_debt_rst,
  retransmission: m.debrief_debt_retransmission,
  probe: m.debrief_debt_probe,
}

/** What the peer has newly acknowledged: the FIN, octets, or the SYN, whichever was sent last. In LAST-ACK, that deletes the TCB. */
function describeAcknowledged(seat: Seat, before: Tcb, after: Tcb): string[] {
  const who = formatSeatWithArticle(seat)
  const { una } = after.snd
  if (before.state === 'LAST-ACK' && after.state === 'CLOSED' && !hasBit(after.heard?.bits ?? 0, RST))
    return [m.debrief_acknowledged({ who, what: 'FIN' })]
  if (after.irs === null || una === before.snd.una) return []
  if (before.finSent !== null && gt(una, before.finSent)) return [m.debrief_acknowledged({ who, what: 'FIN' })]
  const octets = sub(una, before.snd.una) - (before.snd.una === before.iss ? 1 : 0)
  return [octets > 0 ? m.debrief_acknowledged_octets({ who, octets }) : m.debrief_acknowledged({ who, what: 'SYN' })]
}

/** The number of octets that arrived in order. SYN and FIN use a sequence number each, but are not octets. */
function countReceivedOctets(before: Tcb, after: Tcb): number {
  if (before.irs === null || after.irs === null) return 0
  return sub(after.rcv.nxt, before.rcv.nxt) - (hasReceivedFin(after.state) && !hasReceivedFin(before.state) ? 1 : 0)
}

/** Whether the segment was sent before: it begins below SND.NXT. */
function isRetransmission(seat: Seat, segment: Segment, { before }: ReplayStep): boolean {
  return before !== null && segmentLength(segment) > 0 && lt(segment.seq, before.hosts[seat].tcb.snd.nxt)
}

/** `SYN,ACK`; `ACK with 20 octets`. */
const formatSegment = ({ bits, length }: Segment): string =>
  length > 0 ? m.debrief_with_data({ bits: bitNames(bits), octets: length }) : bitNames(bits)
