/** Makes the `Decision` about a seat's action in a given world, without executing it. */
import { deepEqual } from '../../deep-equal.ts'
import type { Finding } from '../../findings.ts'
import { parseNumber } from '../../notation.ts'
import { peerOf, type Seat } from '../../seat.ts'
import { bitNames, type Segment } from '../../segment.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import { judgeClaim } from '../../tcp/judge-claim.ts'
import { maySend } from '../../tcp/may-send.ts'
import { processCall } from '../../tcp/user-calls.ts'
import { isOnAutopilot, notationOf, rulesOf } from '../fold/current-scene.ts'
import { nextApplicationStep, openQuestion } from '../fold/progress.ts'
import type { SeatAction, SegmentDraft } from '../model/action.ts'
import type { ScriptQuestion } from '../model/script.ts'
import type { HostEvent, World } from '../model/world.ts'
import { hintCost, nextHintRung } from './charges.ts'
import { maySkip, reasonNotToWait, requestWait } from './clock.ts'
import { type Decision, permit } from './decision.ts'
import { evaluateWrite } from './evaluate-write.ts'
import { reasonToAnswerFirst } from './goal.ts'
import { answerQuestion, claimState, discardEvent, makeUserCall, sendSegment } from './host.ts'
import { recordHint } from './hint.ts'
import { nextHostTask } from './next-action.ts'
import { closeNotifyMissing, type TlsTools } from './tls-end.ts'

/** Decides whether a seat's action is barred, wrong or permitted in `world`. `tls`: required for scenes with TLS. */
export function evaluateSeatAction(world: World, seat: Seat, action: SeatAction, tls: TlsTools | undefined): Decision {
  const first = action.kind === 'answer' || action.kind === 'hint' ? null : reasonToAnswerFirst(world, seat)
  if (first) return { kind: 'barred', reason: first }
  if (isOnAutopilot(world) && isAboutTcp(action)) return { kind: 'barred', reason: 'autopilot' }
  switch (action.kind) {
    case 'send':
      return evaluateSend(world, seat, action)
    case 'call': {
      const next = nextApplicationStep(world, seat)
      if (!next?.step.call || next.step.by !== 'seat' || !deepEqual(next.step.call, action.call)) {
        const again = world.hosts[seat].called.some((call) => deepEqual(call, action.call))
        return { kind: 'barred', reason: again ? 'already-called' : 'not-yours' }
      }
      if (!next.ready) return { kind: 'barred', reason: 'not-yet' }
      const early = action.call.call === 'CLOSE' ? closeNotifyMissing(world, seat) : null
      if (early) return { kind: 'wrong', findings: [early] }
      if (!processCall(world.hosts[seat].tcb, action.call).ok) return { kind: 'barred', reason: 'call-refused' }
      return permit((recorder) => void makeUserCall(recorder, seat, action.call, 'seat'))
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
      return permit((recorder) => {
        claimState(recorder, seat, action.state, 'claim')
        recorder.record({ kind: 'done', seat, useless: false })
      })
    }
    case 'discard': {
      const event = findOpenEvent(world, seat, action.event)
      if (typeof event === 'string') return { kind: 'barred', reason: event }
      if (event.discard) return { kind: 'wrong', findings: [event.discard] }
      return permit((recorder) => {
        discardEvent(recorder, seat, event.view)
        recorder.record({ kind: 'done', seat, useless: false })
      })
    }
    case 'answer': {
      const question = openQuestion(world, seat)
      if (question?.id !== action.question || !question.order.includes(action.choice))
        return { kind: 'barred', reason: 'no-question' }
      if (action.choice !== question.right && !question.discussed)
        return { kind: 'wrong', findings: [wrongChoiceFinding(question, action.choice)] }
      return permit((recorder) => answerQuestion(recorder, seat, question.id, action.choice))
    }
    case 'predict': {
      const predicted = parseNumbers(world, peerOf(seat), action.segment)
      if (typeof predicted === 'string') return { kind: 'barred', reason: predicted }
      const { bits, length } = action.segment
      return permit((recorder) => recorder.record({ kind: 'predicted', seat, bits, ...predicted, length }))
    }
    case 'wait': {
      if (maySkip(world, seat)) return permit((recorder) => requestWait(recorder, peerOf(seat)))
      if (world.seats[seat].waitRequested) return { kind: 'barred', reason: 'already-waiting' }
      const reason = reasonNotToWait(world, seat)
      if (reason) return { kind: 'wrong', findings: replyDueFindings(world, seat), reason, free: true }
      return permit((recorder) => requestWait(recorder, seat))
    }
    case 'hint': {
      const next = nextHintRung(world, seat)
      if (!next) return { kind: 'barred', reason: 'no-hint-left' }
      const { milestone, rung } = next
      return permit((recorder) => {
        const eighths = hintCost(world, rung)
        if (eighths > 0) recorder.record({ kind: 'charged', seat, milestone: milestone.id, eighths })
        recordHint(recorder, world, seat, milestone.id, rung)
      })
    }
  }
}

/** Whether an action is what a TCP does by itself, on autopilot. */
const isAboutTcp = ({ kind }: SeatAction): boolean =>
  kind === 'send' || kind === 'claim' || kind === 'discard' || kind === 'wait' || kind === 'predict'

/** The open event that the seat's view of this number shows, or why there is none. */
function findOpenEvent(world: World, seat: Seat, view: number): HostEvent | 'event-settled' | 'no-event' {
  const { openEvents, viewCount } = world.seats[seat]
  return openEvents.find((e) => e.view === view) ?? (view <= viewCount ? 'event-settled' : 'no-event')
}

/** The numbers of a segment of this seat, or why they cannot be read. */
function parseNumbers(
  world: World,
  seat: Seat,
  { seq, ack }: Pick<SegmentDraft, 'seq' | 'ack'>,
): Pick<Segment, 'seq' | 'ack'> | 'unreadable-seq' | 'unreadable-ack' {
  const notation = notationOf(world)
  const number = parseNumber(seq, notation, 'seq', seat)
  if (number === null) return 'unreadable-seq'
  const acknowledged = ack.trim() === '' ? null : parseNumber(ack, notation, 'ack', seat)
  return acknowledged === null && ack.trim() !== '' ? 'unreadable-ack' : { seq: number, ack: acknowledged }
}

function evaluateSend(world: World, seat: Seat, action: Extract<SeatAction, { kind: 'send' }>): Decision {
  const { tcb } = world.hosts[seat]
  const { bits, seq, ack, length, window } = action.segment
  const numbers = parseNumbers(world, seat, { seq, ack })
  if (typeof numbers === 'string') return { kind: 'barred', reason: numbers }

  const segment: Segment = { bits, ...numbers, length, window: window ?? tcb.rcv.wnd }
  const permission = maySend(tcb, segment, { rules: rulesOf(world), calls: 'given', state: action.state })
  if (!permission.ok) {
    const { findings, silent } = permission
    // A named misconception explains more than `nothing-to-send` does.
    const unexplained = silent && findings.every((f) => f.misconception === null)
    return unexplained ? { kind: 'wrong', findings, reason: 'nothing-to-send', free: true } : { kind: 'wrong', findings }
  }
  const useless = permission.satisfied.length === 0 && permission.remarks.length > 0
  return permit((recorder) => sendSegment(recorder, seat, segment, permission, { useless }), {
    remarks: permission.remarks,
    useless,
  })
}

/** The finding on a wait that is requested too early. It names what is due: a segment, or else the state that has not been claimed. */
function replyDueFindings(world: World, seat: Seat): readonly Finding[] {
  const segment = nextSegment(world.hosts[seat].tcb)
  const task = nextHostTask(world, seat)
  const due = { kind: 'refusal', given: null, misconception: null } as const
  if (segment) return [{ ...due, field: 'flags', want: bitNames(segment.bits), rule: 'RFC 9293 3.10.7' }]
  return task.kind === 'claim' ? [{ ...due, field: 'state', want: task.state, rule: 'RFC 9293 3.3.2' }] : []
}

const wrongChoiceFinding = ({ rule = '', misconceptions }: ScriptQuestion, choice: number): Finding => ({
  kind: 'refusal',
  field: 'answer',
  given: null,
  want: null,
  rule,
  misconception: misconceptions[choice] ?? null,
})
