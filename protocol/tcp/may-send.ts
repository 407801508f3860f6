/**
 * May this TCP send this segment now? Accepted with its meanings and the TCB after it, or refused with findings: the fields in which it
 * differs from the nearest legal meaning.
 */
import { ACK, bitNames, FIN, has, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, gt, sub } from '../seq.ts'
import { judgeClaim } from './claims.ts'
import { diagnoseAck, diagnoseFlags, diagnosePayload, diagnoseSeq, whyNoReset } from './diagnose.ts'
import type { Finding } from '../findings.ts'
import { ABORTED, type Meaning, type MeaningName, MEANINGS, meaningsOf } from './meanings.ts'
import { type Mistake, MISTAKES } from './mistakes.ts'
import { beyond } from './held.ts'
import { type Calls, cited, type RuleName, RULES, type Rules } from './rules.ts'
import { segmentArrives } from './segment-arrives.ts'
import { copyOf, type Debt, deleted, NO_OPTIONS, rcvShift, type State, type Tcb, timersOf, type Working } from './tcb.ts'

export interface Ask {
  readonly rules: Rules
  readonly calls: Calls
  /** The state that the sender believes to be in once the segment has left; not asked where absent. */
  readonly state?: State
  /** What the sender is about to do, where known: it decides between meanings that are equally near. */
  readonly goal?: MeaningName
}

export type Permission =
  | {
      readonly ok: true
      /** All that the segment does, the meaning that admitted it first. */
      readonly meanings: readonly MeaningName[]
      /** The rule that admitted it. */
      readonly rule: RuleName
      readonly tcb: Tcb
      /** Every debt that it covers. */
      readonly paid: readonly Debt[]
      /** Legal, and served nothing. */
      readonly remarks: readonly Finding[]
    }
  | {
      readonly ok: false
      readonly findings: readonly Finding[]
      /** The rule that it breaks; null where nothing at all may be sent. */
      readonly rule: RuleName | null
      /** Nothing at all may be sent now: there is no meaning to compare with. */
      readonly silent: boolean
    }

/** `segment.ack` may hold a number although the ACK bit is off: people write such segments, and it is a finding. */
export function maySend(tcb: Tcb, segment: Segment, ask: Ask): Permission {
  for (const open of tcb.aborted ? ABORTED : meaningsOf(segment.bits)) {
    const meaning = open(tcb, segment, ask.calls, ask.rules)
    if (meaning !== null && differences(meaning, segment, ask.state) === 0) return accept(tcb, segment, meaning, ask.rules)
  }
  return refuse(tcb, segment, ask)
}

const STATE = 1
const FLAGS = 2
const SEQ = 4
const ACKED = 8
const PAYLOAD = 16
const WINDOW = 32

/** The fields in which the segment differs from the meaning, as a set. */
function differences(meaning: Meaning, segment: Segment, state: State | undefined): number {
  const { bits } = segment
  let differing = 0
  if (state !== undefined && state !== meaning.after) differing |= STATE
  if ((bits & meaning.must) !== meaning.must || (bits & ~(meaning.must | meaning.may)) !== 0) differing |= FLAGS
  if (segment.seq !== meaning.seq) differing |= SEQ
  // An ACK bit too much or too little is a fault of the bits, and only theirs.
  if (has(bits, ACK)) {
    if (has(meaning.must | meaning.may, ACK) && segment.ack !== meaning.ack) differing |= ACKED
  } else if (segment.ack !== null && !has(meaning.must, ACK)) differing |= ACKED
  if (segment.length < meaning.least || segment.length > meaning.most) differing |= PAYLOAD
  if (meaning.window !== null && segment.window !== meaning.window) differing |= WINDOW
  // Two right numbers in each other's place are one fault.
  if ((differing & (SEQ | ACKED)) === (SEQ | ACKED) && segment.seq === meaning.ack && segment.ack === meaning.seq)
    differing &= ~ACKED
  return differing
}

const count = (set: number): number => {
  let n = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) n++
  return n
}

function accept(tcb: Tcb, segment: Segment, meaning: Meaning, rules: Rules): Permission {
  if (meaning.name === 'resets') return acceptReset(tcb, segment, meaning)
  const after = leave(tcb, segment, meaning)
  const paid = tcb.owes.length === 0 ? tcb.owes : tcb.owes.filter((debt) => pays(debt, tcb, segment, after))
  if (paid.length > 0) after.owes = paid.length === tcb.owes.length ? NO_DEBTS : tcb.owes.filter((debt) => !paid.includes(debt))
  return {
    ok: true,
    rule: meaning.rule,
    meanings: allMeanings(meaning, tcb, segment, after, paid),
    tcb: meaning.rule === 'answers-syn' && !rules.thirdSegment ? unconfirmed(after, rules) : after,
    paid,
    remarks: meaning.owed ? NO_REMARKS : remarks(tcb, segment, meaning, paid, rules),
  }
}

const NO_REMARKS: readonly Finding[] = []
const NO_DEBTS: readonly Debt[] = []

/** The SYN,ACK has left and no third segment is to come: what the RFC does when that arrives is done at once. */
function unconfirmed(tcb: Tcb, rules: Rules): Tcb {
  const third: Segment = { bits: ACK, seq: tcb.rcv.nxt, ack: tcb.snd.nxt, window: tcb.snd.wnd, length: 0 }
  return { ...segmentArrives({ ...tcb, state: 'SYN-RECEIVED' }, third, rules).tcb, heard: tcb.heard }
}

function acceptReset(tcb: Tcb, segment: Segment, meaning: Meaning): Permission {
  const debt = tcb.owes.find((owed) => owed.kind === 'RST' && owed.seq === segment.seq && (tcb.aborted || owed.ack === segment.ack))
  const said: Tcb = { ...tcb, said: segment, owes: tcb.owes.filter((owed) => owed !== debt) }
  return {
    ok: true,
    rule: meaning.rule,
    meanings: ['resets'],
    tcb: meaning.after === tcb.state ? said : deleted(said),
    paid: debt === undefined ? [] : [debt],
    remarks: NO_REMARKS,
  }
}

/** The TCB once this segment has left; debts stay for the caller to cross out. */
function leave(tcb: Tcb, segment: Segment, meaning: Meaning): Working {
  // The last ACK of a TCB that is deleted.
  if (tcb.state === 'CLOSED' && meaning.name === 'acknowledges') return { ...copyOf(tcb), said: segment }
  const end = add(segment.seq, segmentLength(segment))
  const nxt = gt(end, tcb.snd.nxt) ? end : tcb.snd.nxt
  const firstSyn = has(segment.bits, SYN) && tcb.snd.nxt === tcb.iss
  const firstFin = has(segment.bits, FIN) && tcb.finSent === null
  const octets = sub(nxt, tcb.snd.nxt) - (firstSyn ? 1 : 0) - (firstFin ? 1 : 0)
  const after = copyOf(tcb)
  after.state = meaning.after
  after.opened = tcb.opened ?? 'active'
  after.snd.nxt = nxt
  // What has been promised stands, whatever a later segment says (SHLD-14).
  const syn = has(segment.bits, SYN)
  const offered = syn ? segment.window : segment.window << rcvShift(tcb)
  if (firstSyn || offered > after.rcv.wnd) after.rcv.wnd = offered
  if (syn) {
    after.offers = segment.options ?? NO_OPTIONS
    // A SYN,ACK that acknowledges the SYN's text has taken it in (RFC 7413 4.2).
    if (segment.ack !== null && gt(segment.ack, tcb.rcv.nxt)) {
      after.unread += sub(segment.ack, tcb.rcv.nxt)
      after.rcv.nxt = segment.ack
      after.held = beyond(tcb.held, segment.ack)
    }
  }
  after.queued = Math.max(0, tcb.queued - octets)
  if (firstFin) {
    after.closing = true
    after.finSent = add(end, -1)
  }
  after.timers = timersOf(after)
  after.said = segment
  return after
}

function pays(debt: Debt, before: Tcb, segment: Segment, after: Tcb): boolean {
  switch (debt.kind) {
    case 'SYN':
      return has(segment.bits, SYN) && !has(segment.bits, ACK)
    case 'SYN,ACK':
      return has(segment.bits, SYN) && has(segment.bits, ACK)
    case 'ACK':
      return has(segment.bits, ACK)
    case 'data':
      return after.queued === 0
    case 'FIN':
      return after.finSent !== null
    case 'retransmission':
      // The front of the retransmission queue, not what is new.
      return segment.seq === before.snd.una && before.snd.una !== before.snd.nxt && segmentLength(segment) > 0
    case 'probe':
      return segment.seq === before.snd.nxt && segmentLength(segment) > 0
    case 'RST':
      return false
  }
}

/** The meaning that admitted the segment, and what it does besides. */
function allMeanings(meaning: Meaning, before: Tcb, segment: Segment, after: Tcb, paid: readonly Debt[]): readonly MeaningName[] {
  const names: MeaningName[] = [meaning.name]
  if (meaning.name !== 'acknowledges' && paid.some((debt) => debt.kind === 'ACK' || debt.kind === 'SYN,ACK'))
    names.push('acknowledges')
  const advance = sub(after.snd.nxt, before.snd.nxt)
  if (meaning.name === 'closes' && gt(before.snd.nxt, segment.seq)) names.push('retransmits')
  if ((meaning.name === 'closes' && advance > 1) || (meaning.name === 'retransmits' && advance > 0)) names.push('sends')
  return names
}

/** What was legal and served nothing. */
function remarks(tcb: Tcb, segment: Segment, meaning: Meaning, paid: readonly Debt[], rules: Rules): readonly Finding[] {
  if (paid.length > 0) return NO_REMARKS
  if (meaning.name === 'duplicates') {
    // A new window is news, and so are the blocks of a selective acknowledgment.
    if (segment.options?.sack) return NO_REMARKS
    if ((tcb.said?.window ?? tcb.rcv.wnd) !== segment.window) return NO_REMARKS
    const heardPureAck =
      tcb.heard !== null && segmentLength(tcb.heard) === 0 && has(tcb.heard.bits, ACK) && !has(tcb.heard.bits, RST)
    return [
      {
        kind: 'remark',
        field: 'ack',
        given: segment.ack,
        want: null,
        rule: cited(RULES[meaning.rule], rules),
        misconception: heardPureAck ? 'answer-a-pure-ack' : null,
      },
    ]
  }
  if (meaning.name !== 'retransmits' || asksAgain(tcb)) return NO_REMARKS
  const rule = cited(RULES[meaning.rule], rules)
  return [{ kind: 'remark', field: 'seq', given: segment.seq, want: tcb.snd.nxt, rule, misconception: null }]
}

/** The peer has just acknowledged once more what it had: something after it is missing there (RFC 5681 3.2). */
const asksAgain = ({ heard, snd }: Tcb): boolean =>
  heard !== null && segmentLength(heard) === 0 && heard.ack === snd.una && !has(heard.bits, RST)

/** The findings against the nearest legal meaning, or against the mistake that explains the segment with fewer. */
function refuse(tcb: Tcb, segment: Segment, ask: Ask): Permission {
  const open = (tcb.aborted ? ABORTED : MEANINGS)
    .map((meaning) => meaning(tcb, segment, ask.calls, ask.rules))
    .filter((meaning) => meaning !== null)
  let nearest: Meaning | null = null
  let fewest = Infinity
  for (const meaning of open) {
    const n = count(differences(meaning, segment, ask.state))
    if (nearest === null || n < fewest || (n === fewest && precedence(meaning, ask) < precedence(nearest, ask))) {
      nearest = meaning
      fewest = n
    }
  }
  let mistake: Mistake | null = null
  for (const errs of MISTAKES) {
    const meant = errs(tcb, segment, ask.calls, ask.state ?? tcb.state)
    if (meant === null) continue
    const n = 1 + count(differences(meant, segment, ask.state))
    if (n < fewest) {
      mistake = meant
      fewest = n
    }
  }
  const refused = (findings: readonly Finding[], rule: RuleName | null = null): Permission => ({
    ok: false,
    findings,
    rule,
    silent: nearest === null,
  })
  if (mistake !== null)
    return refused([...mistaken(mistake, segment, ask.rules), ...against(mistake, tcb, segment, ask)], mistake.rule)
  if (nearest !== null) return refused(against(nearest, tcb, segment, ask), nearest.rule)
  return refused([nothingToSend(tcb, segment, ask.rules)])
}

/** Among meanings equally near: what is owed, then the goal, then the RFC's order. */
const precedence = (meaning: Meaning, ask: Ask): number => (meaning.owed ? 0 : meaning.name === ask.goal ? 1 : 2)

function mistaken(mistake: Mistake, segment: Segment, rules: Rules): readonly Finding[] {
  const given = mistake.field === 'payload' ? segment.length : bitNames(segment.bits)
  const { field, want, rule, misconception } = mistake
  return [{ kind: 'refusal', field, given, want, rule: cited(RULES[rule], rules), misconception }]
}

/** One finding for each field in which the segment differs, most fundamental first. */
function against(meaning: Meaning, tcb: Tcb, segment: Segment, ask: Ask): readonly Finding[] {
  const differing = differences(meaning, segment, ask.state)
  const rule = cited(RULES[meaning.rule], ask.rules)
  const findings: Finding[] = []
  if (ask.state !== undefined && has(differing, STATE)) {
    const finding = judgeClaim({ was: tcb.state, is: meaning.after, given: ask.state, tcb }, ask.rules)
    if (finding !== null) findings.push(finding)
  }
  if (has(differing, FLAGS)) {
    findings.push({
      kind: 'refusal',
      field: 'flags',
      given: bitNames(segment.bits),
      want: bitNames(meaning.must | (segment.bits & meaning.may)),
      rule,
      misconception: diagnoseFlags(tcb, segment, meaning),
    })
  }
  if (has(differing, SEQ)) {
    const misconception = diagnoseSeq(tcb, segment, meaning)
    findings.push({ kind: 'refusal', field: 'seq', given: segment.seq, want: meaning.seq, rule, misconception })
  }
  if (has(differing, ACKED)) {
    const misconception = diagnoseAck(tcb, segment, meaning)
    findings.push({ kind: 'refusal', field: 'ack', given: segment.ack, want: meaning.ack, rule, misconception })
  }
  if (has(differing, PAYLOAD)) {
    const want = segment.length < meaning.least ? meaning.least : meaning.most
    const misconception = diagnosePayload(tcb, segment, meaning)
    findings.push({ kind: 'refusal', field: 'payload', given: segment.length, want, rule, misconception })
  }
  if (has(differing, WINDOW)) {
    findings.push({ kind: 'refusal', field: 'window', given: segment.window, want: meaning.window, rule, misconception: null })
  }
  return findings
}

/** No meaning is open: whatever it is, it is one segment too many. Only CLOSED and LISTEN have nothing at all to send. */
function nothingToSend(tcb: Tcb, segment: Segment, rules: Rules): Finding {
  const answersReset = tcb.heard !== null && has(tcb.heard.bits, RST)
  const resets = has(segment.bits, RST)
  const rule = answersReset || resets ? 'resets-when-called-for' : tcb.state === 'LISTEN' ? 'answers-syn' : 'sends-syn'
  return {
    kind: 'refusal',
    field: 'flags',
    given: bitNames(segment.bits),
    want: null,
    rule: cited(RULES[rule], rules),
    misconception: answersReset ? 'answer-a-rst' : resets ? whyNoReset(tcb) : null,
  }
}
