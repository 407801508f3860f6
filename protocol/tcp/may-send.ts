/**
 * Decides whether a TCP may send a given segment now. An accepted segment gets its meanings and the TCB after sending it. A refused segment
 * gets findings: the fields in which it differs from the nearest template.
 */
import { ACK, bitNames, FIN, hasBit, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, gt, sub } from '../seq.ts'
import { judgeClaim } from './judge-claim.ts'
import { diagnoseAck, diagnoseFlags, diagnosePayload, diagnoseSeq, diagnoseReset } from './diagnose-segment.ts'
import type { Finding } from '../findings.ts'
import { ABORTED_TEMPLATES, type SegmentTemplate, type SegmentMeaning, TEMPLATES, templatesFor } from './segment-templates.ts'
import { type MistakeTemplate, MISTAKE_TEMPLATES } from './mistake-templates.ts'
import { keepHeldAfter } from './reassembly.ts'
import { type CallSource, citeTcpRule, type TcpRuleName, TCP_RULE_CLAUSES, type TcpRules } from './rules.ts'
import { processArrival } from './segment-arrives.ts'
import {
  copyTcb,
  type PendingSegment,
  deleteTcb,
  NO_OPTIONS,
  receiveWindowShift,
  type State,
  type Tcb,
  runningTimers,
  type MutableTcb,
} from './tcb.ts'

/** The conditions under which a segment is judged. */
export interface SegmentContext {
  readonly rules: TcpRules
  readonly calls: CallSource
  /** The state that the sender believes its TCP to be in after sending the segment. If absent, it is not judged. */
  readonly state?: State
  /** The sender's intention, if known. It decides between templates that are equally near. */
  readonly goal?: SegmentMeaning
}

/** The result of `maySend`. */
export type SegmentPermission = Permission | Refusal

export interface Permission {
  readonly ok: true
  /** Everything that the segment does. The first meaning is that of the template that it fits. */
  readonly meanings: readonly SegmentMeaning[]
  /** The rule that permits it. */
  readonly rule: TcpRuleName
  readonly tcb: Tcb
  /** The pending segments that it satisfies. */
  readonly satisfied: readonly PendingSegment[]
  /** Remarks on a segment that is legal but useless. */
  readonly remarks: readonly Finding[]
}

export interface Refusal {
  readonly ok: false
  readonly findings: readonly Finding[]
  /** The rule that it breaks; null if nothing at all may be sent. */
  readonly rule: TcpRuleName | null
  /** Nothing at all may be sent now: there is no template to compare with. */
  readonly silent: boolean
}

/**
 * Judges a segment that this TCP wants to send. `segment.ack` may be a number although the ACK bit is off: people write such segments, and
 * this is reported as a finding.
 */
export const maySend = (tcb: Tcb, segment: Segment, ask: SegmentContext): SegmentPermission =>
  findPermission(tcb, segment, ask) ?? findRefusal(tcb, segment, ask)

/** The permission to send a segment; null if it is refused. */
export function findPermission(tcb: Tcb, segment: Segment, ask: SegmentContext): Permission | null {
  for (const build of tcb.aborted ? ABORTED_TEMPLATES : templatesFor(segment.bits)) {
    const template = build(tcb, segment, ask.calls, ask.rules)
    if (template !== null && differingFields(template, segment, ask.state) === 0) return accept(tcb, segment, template, ask)
  }
  return null
}

const STATE = 1
const FLAGS = 2
const SEQ = 4
const ACK_NUMBER = 8
const PAYLOAD = 16
const WINDOW = 32

/** The set of fields in which the segment differs from the template, as a bitwise OR of the constants above. */
function differingFields(template: SegmentTemplate, segment: Segment, state: State | undefined): number {
  const { bits } = segment
  let differing = 0
  if (state !== undefined && state !== template.stateAfter) differing |= STATE
  if ((bits & template.requiredBits) !== template.requiredBits || (bits & ~(template.requiredBits | template.optionalBits)) !== 0)
    differing |= FLAGS
  if (segment.seq !== template.seq) differing |= SEQ
  // A missing or extra ACK bit counts once, as a fault of the flags.
  if (hasBit(bits, ACK)) {
    if (hasBit(template.requiredBits | template.optionalBits, ACK) && segment.ack !== template.ack) differing |= ACK_NUMBER
  } else if (segment.ack !== null && !hasBit(template.requiredBits, ACK)) differing |= ACK_NUMBER
  if (segment.length < template.minLength || segment.length > template.maxLength) differing |= PAYLOAD
  if (template.window !== null && segment.window !== template.window) differing |= WINDOW
  // Two correct numbers that have been swapped count once.
  if ((differing & (SEQ | ACK_NUMBER)) === (SEQ | ACK_NUMBER) && segment.seq === template.ack && segment.ack === template.seq)
    differing &= ~ACK_NUMBER
  return differing
}

const countBits = (set: number): number => {
  let n = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) n++
  return n
}

function accept(tcb: Tcb, segment: Segment, template: SegmentTemplate, { rules, calls }: SegmentContext): Permission {
  if (template.meaning === 'resets') return acceptReset(tcb, segment, template)
  const after = applySent(tcb, segment, template)
  const satisfied = tcb.owes.length === 0 ? tcb.owes : tcb.owes.filter((pending) => isSatisfiedBy(pending, tcb, segment, after))
  if (satisfied.length > 0)
    after.owes = satisfied.length === tcb.owes.length ? NOTHING_PENDING : tcb.owes.filter((pending) => !satisfied.includes(pending))
  return {
    ok: true,
    rule: template.rule,
    meanings: listMeanings(template, tcb, segment, after, satisfied),
    tcb: template.rule === 'answers-syn' && !rules.thirdSegment ? completeWithoutThirdSegment(after, rules) : after,
    satisfied,
    remarks: template.isDue ? NO_REMARKS : listRemarks(tcb, segment, template, satisfied, { rules, calls }),
  }
}

const NO_REMARKS: readonly Finding[] = []
const NOTHING_PENDING: readonly PendingSegment[] = []

/** In the rule set without a third segment: applies, when the SYN,ACK is sent, what the RFC does when the third segment arrives. */
function completeWithoutThirdSegment(tcb: Tcb, rules: TcpRules): Tcb {
  const third: Segment = { bits: ACK, seq: tcb.rcv.nxt, ack: tcb.snd.nxt, window: tcb.snd.wnd, length: 0 }
  return { ...processArrival({ ...tcb, state: 'SYN-RECEIVED' }, third, rules).tcb, heard: tcb.heard }
}

function acceptReset(tcb: Tcb, segment: Segment, template: SegmentTemplate): Permission {
  const reset = tcb.owes.find(
    (each) => each.kind === 'RST' && each.seq === segment.seq && (tcb.aborted || each.ack === segment.ack),
  )
  const after: Tcb = { ...tcb, said: segment, owes: tcb.owes.filter((each) => each !== reset) }
  return {
    ok: true,
    rule: template.rule,
    meanings: ['resets'],
    tcb: template.stateAfter === tcb.state ? after : deleteTcb(after),
    satisfied: reset === undefined ? [] : [reset],
    remarks: segment.length > 0 ? [textInReset(segment)] : NO_REMARKS,
  }
}

/** "TCP implementations SHOULD allow a received RST segment to include data (SHLD-2)." */
const textInReset = ({ length }: Segment): Finding => ({
  kind: 'remark',
  field: 'payload',
  given: length,
  want: 0,
  rule: 'RFC 9293 3.5.3',
  misconception: null,
})

/** The TCB after this segment has been sent. `owes` is unchanged: the caller removes the pending segments that this one satisfies. */
function applySent(tcb: Tcb, segment: Segment, template: SegmentTemplate): MutableTcb {
  // The last ACK, sent after the TCB has been deleted (rule set without TIME-WAIT).
  if (tcb.state === 'CLOSED' && template.meaning === 'acknowledges') return { ...copyTcb(tcb), said: segment }
  const end = add(segment.seq, segmentLength(segment))
  const nxt = gt(end, tcb.snd.nxt) ? end : tcb.snd.nxt
  const firstSyn = hasBit(segment.bits, SYN) && tcb.snd.nxt === tcb.iss
  const firstFin = hasBit(segment.bits, FIN) && tcb.finSent === null
  const octets = sub(nxt, tcb.snd.nxt) - (firstSyn ? 1 : 0) - (firstFin ? 1 : 0)
  const after = copyTcb(tcb)
  after.state = template.stateAfter
  // A SYN without ACK from LISTEN: "change the connection from passive to active" (3.10.2).
  after.opened = firstSyn && !hasBit(segment.bits, ACK) ? 'active' : (tcb.opened ?? 'active')
  after.snd.nxt = nxt
  // The right edge of the window does not move left, even if a later segment advertises less (SHLD-14).
  const syn = hasBit(segment.bits, SYN)
  const offered = syn ? segment.window : segment.window << receiveWindowShift(tcb)
  if (firstSyn || offered > after.rcv.wnd) after.rcv.wnd = offered
  if (syn) {
    after.offers = segment.options ?? NO_OPTIONS
    // A SYN,ACK that acknowledges the SYN's text has accepted it (RFC 7413 4.2).
    if (segment.ack !== null && gt(segment.ack, tcb.rcv.nxt)) {
      after.unread += sub(segment.ack, tcb.rcv.nxt)
      after.rcv.nxt = segment.ack
      after.held = keepHeldAfter(tcb.held, segment.ack)
    }
  }
  after.queued = Math.max(0, tcb.queued - octets)
  if (firstFin) {
    after.closing = true
    after.finSent = add(end, -1)
  }
  after.timers = runningTimers(after)
  after.said = segment
  return after
}

function isSatisfiedBy(pending: PendingSegment, before: Tcb, segment: Segment, after: Tcb): boolean {
  switch (pending.kind) {
    case 'SYN':
      return hasBit(segment.bits, SYN) && !hasBit(segment.bits, ACK)
    case 'SYN,ACK':
      return hasBit(segment.bits, SYN) && hasBit(segment.bits, ACK)
    case 'ACK':
      return hasBit(segment.bits, ACK)
    case 'data':
      return after.queued === 0
    case 'FIN':
      return after.finSent !== null
    case 'retransmission':
      // Only a segment at the front of the retransmission queue counts, not new data.
      return segment.seq === before.snd.una && before.snd.una !== before.snd.nxt && segmentLength(segment) > 0
    case 'probe':
      return segment.seq === before.snd.nxt && segmentLength(segment) > 0
    case 'RST':
      return false
  }
}

/** The meaning of the template that the segment fits, followed by everything else that the segment does. */
function listMeanings(
  template: SegmentTemplate,
  before: Tcb,
  segment: Segment,
  after: Tcb,
  satisfied: readonly PendingSegment[],
): readonly SegmentMeaning[] {
  const names: SegmentMeaning[] = [template.meaning]
  if (template.meaning !== 'acknowledges' && satisfied.some((pending) => pending.kind === 'ACK' || pending.kind === 'SYN,ACK'))
    names.push('acknowledges')
  const advance = sub(after.snd.nxt, before.snd.nxt)
  if (template.meaning === 'closes' && gt(before.snd.nxt, segment.seq)) names.push('retransmits')
  if ((template.meaning === 'closes' && advance > 1) || (template.meaning === 'retransmits' && advance > 0)) names.push('sends')
  return names
}

/** Remarks on a segment that is legal but useless. */
function listRemarks(
  tcb: Tcb,
  segment: Segment,
  template: SegmentTemplate,
  satisfied: readonly PendingSegment[],
  { rules, calls }: SegmentContext,
): readonly Finding[] {
  if (satisfied.length > 0) return NO_REMARKS
  if (template.meaning === 'duplicates') {
    // A changed window or the blocks of a selective acknowledgment make a duplicate ACK useful.
    if (segment.options?.sack) return NO_REMARKS
    if ((tcb.said?.window ?? tcb.rcv.wnd) !== segment.window) return NO_REMARKS
    const heardPureAck =
      tcb.heard !== null && segmentLength(tcb.heard) === 0 && hasBit(tcb.heard.bits, ACK) && !hasBit(tcb.heard.bits, RST)
    return [
      {
        kind: 'remark',
        field: 'ack',
        given: segment.ack,
        want: null,
        rule: citeTcpRule(TCP_RULE_CLAUSES[template.rule], rules),
        misconception: heardPureAck ? 'answer-a-pure-ack' : null,
      },
    ]
  }
  // In a capture, the timer that called for a retransmission is unknown.
  if (template.meaning !== 'retransmits' || calls === 'assumed' || hasDuplicateAck(tcb)) return NO_REMARKS
  const rule = citeTcpRule(TCP_RULE_CLAUSES[template.rule], rules)
  return [{ kind: 'remark', field: 'seq', given: segment.seq, want: tcb.snd.nxt, rule, misconception: null }]
}

/** Whether the peer's last segment was a duplicate ACK, which means that the peer is missing data (RFC 5681 3.2). */
const hasDuplicateAck = ({ heard, snd }: Tcb): boolean =>
  heard !== null && segmentLength(heard) === 0 && heard.ack === snd.una && !hasBit(heard.bits, RST)

/** Reports the differences from the nearest legal template, or from a mistake template if that explains the segment with fewer findings. */
export function findRefusal(tcb: Tcb, segment: Segment, ask: SegmentContext): Refusal {
  const templates = (tcb.aborted ? ABORTED_TEMPLATES : TEMPLATES)
    .map((build) => build(tcb, segment, ask.calls, ask.rules))
    .filter((template) => template !== null)
  let nearest: SegmentTemplate | null = null
  let fewest = Infinity
  let order = Infinity
  for (const template of templates) {
    const n = countBits(differingFields(template, segment, ask.state))
    const rank = precedence(template, segment, ask)
    if (n < fewest || (n === fewest && rank < order)) {
      nearest = template
      fewest = n
      order = rank
    }
  }
  let mistake: MistakeTemplate | null = null
  for (const build of MISTAKE_TEMPLATES) {
    const candidate = build(tcb, segment, ask.calls, ask.state ?? tcb.state)
    if (candidate === null) continue
    const n = 1 + countBits(differingFields(candidate, segment, ask.state))
    if (n < fewest) {
      mistake = candidate
      fewest = n
    }
  }
  const refused = (findings: readonly Finding[], rule: TcpRuleName | null = null): Refusal => ({
    ok: false,
    findings,
    rule,
    silent: nearest === null,
  })
  if (mistake !== null)
    return refused([...mistakeFindings(mistake, segment, ask.rules), ...findingsAgainst(mistake, tcb, segment, ask)], mistake.rule)
  if (nearest !== null) return refused(findingsAgainst(nearest, tcb, segment, ask), nearest.rule)
  return refused([findingNothingToSend(tcb, segment, ask.rules)])
}

/**
 * Order among equally near templates: in a capture, where nobody's intention is known, first those that agree on SYN; then those
 * that are pending, then those that match the goal, then the RFC's order.
 */
const precedence = (template: SegmentTemplate, { bits }: Segment, ask: SegmentContext): number =>
  (ask.calls === 'assumed' && hasBit(bits ^ template.requiredBits, SYN) ? 3 : 0) +
  (template.isDue ? 0 : template.meaning === ask.goal ? 1 : 2)

function mistakeFindings(mistake: MistakeTemplate, segment: Segment, rules: TcpRules): readonly Finding[] {
  const given = mistake.field === 'payload' ? segment.length : bitNames(segment.bits)
  const { field, want, rule, misconception } = mistake
  return [{ kind: 'refusal', field, given, want, rule: citeTcpRule(TCP_RULE_CLAUSES[rule], rules), misconception }]
}

/** One finding for each field in which the segment differs from the template, most fundamental first. */
function findingsAgainst(template: SegmentTemplate, tcb: Tcb, segment: Segment, ask: SegmentContext): readonly Finding[] {
  const differing = differingFields(template, segment, ask.state)
  const rule = citeTcpRule(TCP_RULE_CLAUSES[template.rule], ask.rules)
  const findings: Finding[] = []
  if (ask.state !== undefined && hasBit(differing, STATE)) {
    const finding = judgeClaim({ before: tcb.state, actual: template.stateAfter, claimed: ask.state, tcb }, ask.rules)
    if (finding !== null) findings.push(finding)
  }
  if (hasBit(differing, FLAGS)) {
    findings.push({
      kind: 'refusal',
      field: 'flags',
      given: bitNames(segment.bits),
      want: bitNames(template.requiredBits | (segment.bits & template.optionalBits)),
      rule,
      misconception: diagnoseFlags(tcb, segment, template),
    })
  }
  if (hasBit(differing, SEQ)) {
    const misconception = diagnoseSeq(tcb, segment, template)
    findings.push({ kind: 'refusal', field: 'seq', given: segment.seq, want: template.seq, rule, misconception })
  }
  if (hasBit(differing, ACK_NUMBER)) {
    const misconception = diagnoseAck(tcb, segment, template)
    findings.push({ kind: 'refusal', field: 'ack', given: segment.ack, want: template.ack, rule, misconception })
  }
  if (hasBit(differing, PAYLOAD)) {
    const want = segment.length < template.minLength ? template.minLength : template.maxLength
    const misconception = diagnosePayload(tcb, segment, template)
    findings.push({ kind: 'refusal', field: 'payload', given: segment.length, want, rule, misconception })
  }
  if (hasBit(differing, WINDOW)) {
    findings.push({ kind: 'refusal', field: 'window', given: segment.window, want: template.window, rule, misconception: null })
  }
  return findings
}

/** The finding when there is no template at all, so that no segment may be sent. This happens only in CLOSED and LISTEN. */
function findingNothingToSend(tcb: Tcb, segment: Segment, rules: TcpRules): Finding {
  const answersReset = tcb.heard !== null && hasBit(tcb.heard.bits, RST)
  const resets = hasBit(segment.bits, RST)
  const rule = answersReset || resets ? 'resets-when-called-for' : tcb.state === 'LISTEN' ? 'answers-syn' : 'sends-syn'
  return {
    kind: 'refusal',
    field: 'flags',
    given: bitNames(segment.bits),
    want: null,
    rule: citeTcpRule(TCP_RULE_CLAUSES[rule], rules),
    misconception: answersReset ? 'answer-a-rst' : resets ? diagnoseReset(tcb) : null,
  }
}
