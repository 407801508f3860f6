/** What each step shows, in one sentence of the page's language. */
import { bitNames, has, RST, segmentLength, type Segment } from '../../../protocol/segment.ts'
import { gt, lt, sub } from '../../../protocol/seq.ts'
import { finReceived, type Debt, type Tcb } from '../../../protocol/tcp/tcb.ts'
import type { Action, Effect, Stray } from '../../../protocol/world/action.ts'
import { peerOf, type Seat } from '../../../protocol/world/exercise.ts'
import { segmentParts } from '../ladder/label.ts'
import { TIMERS } from '../ladder/words.ts'
import { callText, composedGist, gistOf } from '../lib/words.ts'
import { m } from '../paraglide/messages.js'
import { findingsOf, isInvigilated, type Headline, type Step } from './steps.ts'

/** `The client's SYN arrives; the server goes to SYN-RECEIVED and owes a SYN,ACK.` */
export function sentenceOf(step: Step): string {
  const clauses = clausesOf(step)
  const text = m.debrief_sentence({ clauses: clauses.reduce((before, clause) => m.debrief_clauses({ before, clause })) })
  return (text.charAt(0).toUpperCase() + text.slice(1)).replace(CLOSE, '$1').replace(APART, '$1 ')
}

/** In Chinese texts the same characters stand close, and apart from Latin letters and digits, whatever was put in. */
const CLOSE = /([\u4e00-\u9fff\uff09]) (?=[\u4e00-\u9fff])/g
const APART = /([0-9A-Za-z])(?=[\u4e00-\u9fff])/g

export const seatWord = (seat: Seat): string => (seat === 'client' ? m.debrief_client() : m.debrief_server())
const the = (seat: Seat): string => m.debrief_the({ seat: seatWord(seat) })

function clausesOf(step: Step): string[] {
  const { entry, headline, effects } = step
  const { actor, action, verdict } = entry
  const seat = actor === 'client' || actor === 'server' ? actor : null
  if (headline === null && !isInvigilated(effects)) {
    const idle = action.type === 'control' && action.control === 'idle' ? action.seat : seat
    const done = idle ? deed(action, the(idle), effects) : []
    return verdict.outcome === 'refused' ? done.map((what) => m.debrief_refused({ deed: what })) : done
  }
  const said = effects.flatMap((e) => (e.is === 'said' ? [m.debrief_is_in({ who: the(e.seat), state: e.state })] : []))
  return [
    ...(isInvigilated(effects) && seat ? [m.debrief_invigilated({ who: the(seat) })] : []),
    ...(headline ? happens(headline, step) : said),
    ...(headline?.is === 'left' && findingsOf(step).length > 0 ? [m.ladder_useless()] : []),
  ]
}

/** What a seat does that is no segment and no call, or tries. */
function deed(action: Action, who: string, effects: readonly Effect[]): string[] {
  switch (action.type) {
    case 'send': {
      const segment = segmentParts(action.segment).map(({ text }) => text)
      return [m.debrief_tries({ who, segment: segment.join(' '), state: action.state })]
    }
    case 'call':
      return [m.debrief_tries_call({ who, call: callText(action.call) })]
    case 'write':
      return [m.debrief_tries_write({ who, message: composedGist(action.message) })]
    case 'claim':
      return [m.debrief_claims({ who, state: action.state })]
    case 'discard':
      return [m.debrief_discards({ who })]
    case 'hint':
      return [m.debrief_hint({ who })]
    case 'answer': {
      const right = effects.some((e) => e.is === 'answered' && e.right)
      return [right ? m.debrief_answers_right({ who }) : m.debrief_answers_wrong({ who })]
    }
    case 'wait':
    case 'control':
    case 'wire':
      return [m.debrief_waits({ who })]
  }
}

function happens(headline: Headline, step: Step): string[] {
  switch (headline.is) {
    case 'begun': {
      const { client, server } = headline.tcbs
      return [m.debrief_begins({ client: client.state, server: server.state })]
    }
    case 'called':
      return [m.debrief_calls({ who: the(headline.seat), call: callText(headline.call) }), ...becomes(headline.seat, step)]
    case 'wrote': {
      const { seat, octets } = headline
      return [m.debrief_writes({ who: the(seat), message: gistOf(headline), octets: octets.length / 2 }), ...becomes(seat, step)]
    }
    case 'read':
      return [m.debrief_reads({ who: the(headline.seat), message: gistOf(headline) })]
    case 'scene': {
      const [client, server] = [headline.tcbs.client.state, headline.tcbs.server.state]
      return [m.debrief_scene({ number: headline.scene + 1, client, server })]
    }
    case 'left': {
      const { from, segment, stranger, id } = headline
      const inputs = { who: the(from), segment: named(segment) }
      if (stranger !== undefined) return [m.debrief_sends_to({ ...inputs, stranger })]
      const sent = isRepeat(from, segment, step) ? m.debrief_sends_again(inputs) : m.debrief_sends(inputs)
      return [sent, ...becomes(from, step, 'it'), ...stays(id, step)]
    }
    case 'injected': {
      const { as, to, segment, stranger } = headline
      return [INJECTED[as]({ who: stranger ?? the(peerOf(to)), to: the(to), segment: named(segment) })]
    }
    case 'copied':
      return [m.debrief_copied_segment(flying(headline.of, step))]
    case 'arrived':
      return arrives(headline, step)
    case 'lost':
      return [LOST[headline.why](flying(headline.id, step))]
    case 'strangers':
      return [m.debrief_connections({ who: the(headline.seat), count: headline.strangers.length })]
    case 'seated':
      return [
        headline.player === 'partner'
          ? m.debrief_partner_plays({ who: the(headline.seat) })
          : m.debrief_person_plays({ who: the(headline.seat) }),
      ]
    case 'wire':
      return [headline.stops ? m.debrief_wire_stops() : m.debrief_wire_flows()]
    case 'fired': {
      const { seat, timer } = headline
      return [m.debrief_fires({ who: the(seat), timer: TIMERS[timer]() }), ...becomes(seat, step)]
    }
    case 'over':
      return [OVER[headline.why]()]
  }
}

const OVER: { readonly [W in Extract<Effect, { is: 'over' }>['why']]: () => string } = {
  goal: m.debrief_over_goal,
  broken: m.debrief_over_broken,
  'moved-on': m.debrief_over_moved_on,
  ended: m.debrief_over_ended,
}

const LOST: { readonly [W in Extract<Effect, { is: 'lost' }>['why']]: (flying: Flying) => string } = {
  dropped: m.debrief_lost,
  corrupted: m.debrief_lost_corrupted,
  backlog: m.debrief_lost_backlog,
  vanished: m.debrief_lost_vanished,
}

const INJECTED: { readonly [A in Stray]: (inputs: Flying & { to: string }) => string } = {
  stale: m.debrief_injected_stale,
  forged: m.debrief_injected_forged,
  planted: m.debrief_injected_planted,
  stranger: m.debrief_injected_stranger,
}

const ARRIVES: { readonly [A in Stray]: (flying: Flying) => string } = {
  stale: m.debrief_arrives_stale,
  forged: m.debrief_arrives_forged,
  planted: m.debrief_arrives_planted,
  stranger: m.debrief_arrives,
}

interface Flying {
  /** Whose it is. */
  readonly who: string
  readonly segment: string
}

/** A segment that was on the wire before the step. */
function flying(id: number, { before }: Step): Flying {
  const flight = before?.wire.find((each) => each.id === id)
  if (!flight) return { who: '', segment: '' }
  // A stranger's own has been injected; what goes to one is the seat's.
  const { as, from, stranger, segment } = flight
  return { who: as !== undefined && stranger !== undefined ? stranger : the(from), segment: named(segment) }
}

/** The wire keeps a segment for a while. */
const stays = (id: number, { after }: Step): string[] =>
  after.wire.some((f) => f.id === id && f.due !== null) ? [m.debrief_held()] : []

/** What a segment brings its receiver, in the RFC's order: the ACK, the text, the FIN and the state, and what is owed. */
function arrives({ to, id }: Extract<Headline, { is: 'arrived' }>, step: Step): string[] {
  const [before, after] = tcbsOf(to, step)
  const table = step.effects.find((e) => e.is === 'strangers')
  const as = step.before?.wire.find((flight) => flight.id === id)?.as
  const clauses: string[] = [(as ? ARRIVES[as] : m.debrief_arrives)(flying(id, step))]
  if (table) return [...clauses, m.debrief_connections({ who: the(to), count: table.strangers.length })]
  if (before) clauses.push(...acknowledged(to, before, after))
  const octets = before ? taken(before, after) : 0
  if (octets > 0) clauses.push(m.debrief_takes({ who: the(to), octets }))
  clauses.push(...becomes(to, step, octets > 0 ? 'it' : undefined))
  if (owed(before, after).length === 0) clauses.push(m.debrief_owes_nothing())
  return clauses
}

/** The state that a side goes to, and what it owes from now on. */
function becomes(seat: Seat, step: Step, as?: 'it'): string[] {
  const [before, after] = tcbsOf(seat, step)
  const who = as === 'it' ? m.debrief_it() : the(seat)
  const debts = owed(before, after)
  const { state } = after
  if (before?.state === state) return debts.length > 0 ? [m.debrief_owes({ who, debts: listed(debts) })] : []
  return [debts.length > 0 ? m.debrief_goes_and_owes({ who, state, debts: listed(debts) }) : m.debrief_goes({ who, state })]
}

const tcbsOf = (seat: Seat, { before, after }: Step): [Tcb | undefined, Tcb] => [before?.hosts[seat].tcb, after.hosts[seat].tcb]

/** The debts that have come with the step. */
const owed = (before: Tcb | undefined, after: Tcb): readonly Debt[] =>
  after.owes.filter((debt) => !before?.owes.some((old) => JSON.stringify(old) === JSON.stringify(debt)))

const listed = (debts: readonly Debt[]): string =>
  [...new Set(debts.map(debtName))].reduce((before, debt) => m.debrief_and({ before, debt }))

function debtName(debt: Debt): string {
  if (debt.kind === 'ACK') return debt.why === 'gap' ? m.debrief_debt_duplicate_ack() : m.debrief_debt_ack()
  return DEBTS[debt.kind]()
}

const DEBTS: { readonly [K in Exclude<Debt['kind'], 'ACK'>]: () => string } = {
  SYN: m.debrief_debt_syn,
  'SYN,ACK': m.debrief_debt_syn_ack,
  FIN: m.debrief_debt_fin,
  data: m.debrief_debt_data,
  RST: m.debrief_debt_rst,
  retransmission: m.debrief_debt_retransmission,
  probe: m.debrief_debt_probe,
}

/** What of a side's own has been acknowledged, the last of it where it is several. LAST-ACK's takes the TCB along. */
function acknowledged(seat: Seat, before: Tcb, after: Tcb): string[] {
  const who = the(seat)
  const { una } = after.snd
  if (before.state === 'LAST-ACK' && after.state === 'CLOSED' && !has(after.heard?.bits ?? 0, RST))
    return [m.debrief_acknowledged({ who, what: 'FIN' })]
  if (after.irs === null || una === before.snd.una) return []
  if (before.finSent !== null && gt(una, before.finSent)) return [m.debrief_acknowledged({ who, what: 'FIN' })]
  const octets = sub(una, before.snd.una) - (before.snd.una === before.iss ? 1 : 0)
  return [octets > 0 ? m.debrief_acknowledged_octets({ who, octets }) : m.debrief_acknowledged({ who, what: 'SYN' })]
}

/** Octets that have arrived in order. SYN and FIN use a number each and are none. */
function taken(before: Tcb, after: Tcb): number {
  if (before.irs === null || after.irs === null) return 0
  return sub(after.rcv.nxt, before.rcv.nxt) - (finReceived(after.state) && !finReceived(before.state) ? 1 : 0)
}

/** It has been sent before: it begins below SND.NXT. */
function isRepeat(seat: Seat, segment: Segment, { before }: Step): boolean {
  return before !== null && segmentLength(segment) > 0 && lt(segment.seq, before.hosts[seat].tcb.snd.nxt)
}

/** `SYN,ACK`; `ACK with 20 octets`. */
const named = ({ bits, length }: Segment): string =>
  length > 0 ? m.debrief_with_data({ bits: bitNames(bits), octets: length }) : bitNames(bits)
