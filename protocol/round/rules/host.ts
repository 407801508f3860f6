/** What happens at one host: it sends and receives segments, its timers expire, its application calls, its seat claims states. */
import { deepEqual } from '../../deep-equal.ts'
import { type UserCall, processCall } from '../../tcp/user-calls.ts'
import { peerOf, type Seat } from '../../seat.ts'
import { judgeDiscard } from '../../tcp/judge-claim.ts'
import { answerInListen, isBacklogFull } from '../../tcp/listener.ts'
import { processArrival } from '../../tcp/segment-arrives.ts'
import { changedFields, type PendingSegment, type State, type Tcb, type Timer } from '../../tcp/tcb.ts'
import { processTimeout } from '../../tcp/timeouts.ts'
import { hasBit, type Segment, segmentKindsOf, SYN } from '../../segment.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { computeTimerDeadlines } from './timer-deadlines.ts'
import type { Effect } from '../model/effect.ts'
import { type Deed } from '../model/exercise.ts'
import { messagesDeliveredTo, httpMessageKindOf } from './http-application.ts'
import { octetsSentBy } from '../fold/application-stream.ts'
import { consumeTlsOctets } from './tls-end.ts'
import { relayWritten } from './relay-written.ts'
import type { MessageToSend } from './message-encoding.ts'
import { startTransit } from './transit.ts'
import { hasVotedAlone, openQuestion } from '../fold/progress.ts'
import { COST_EIGHTHS, POINT_EIGHTHS } from '../fold/score.ts'
import type { InFlightSegment, MilestoneRecord, World } from '../model/world.ts'
import { rulesOf, sceneOf } from '../fold/current-scene.ts'
import { statusOf } from './goal.ts'
import { ANNOUNCED_OPTIONS } from '../setup/opening.ts'

/**
 * Sends a legal segment. `after`: the resulting TCB and the pending segments that the segment satisfies, both from `maySend`. `act`: whether
 * the seat's act of sending it was useless; null if it is not an act of the seat.
 */
export function sendSegment(
  recorder: EffectRecorder,
  seat: Seat,
  composed: Segment,
  after: { tcb: Tcb; satisfied: readonly PendingSegment[] },
  act: { readonly useless: boolean } | null,
): void {
  cancelWait(recorder, seat)
  const { clock, segmentCount } = recorder.world
  const deeds = deedsOfSegment(recorder.world, seat, composed, after)
  // RFC 9293 3.7.1, SHLD-5: TCP itself announces its MSS in every SYN.
  const segment = hasBit(composed.bits, SYN) ? { ...composed, options: ANNOUNCED_OPTIONS } : composed
  const flight: InFlightSegment = { id: segmentCount + 1, from: seat, segment, departedAt: clock, due: null }
  recorder.record({ kind: 'left', from: seat, id: flight.id, at: clock, segment })
  recordTcb(recorder, seat, after.tcb, 'user')
  for (const deed of deeds) meetMilestones(recorder, seat, deed)
  claimState(recorder, seat, after.tcb.state, 'send')
  if (act) recorder.record({ kind: 'done', seat, useless: act.useless })
  if (!startTransit(recorder, flight)) return
  recorder.record({ kind: 'clock', now: clock + sceneOf(recorder.world).times.transit })
  deliverSegment(recorder, flight)
}

/** What a seat accomplishes by sending a legal segment, besides the state that it says. `after`: as for `sendSegment`. */
export const deedsOfSegment = (
  world: World,
  seat: Seat,
  segment: Segment,
  after: { tcb: Tcb; satisfied: readonly PendingSegment[] },
): readonly Deed[] => [
  ...after.satisfied.flatMap((pending) => deedsOf(pending, segment)),
  ...messagesCompletedBy(world, seat, after.tcb).map((name): Deed => ({ sends: name })),
]

/** Delivers a segment to the other end of the wire. */
export function deliverSegment(recorder: EffectRecorder, flight: InFlightSegment): void {
  const to = peerOf(flight.from)
  if (flight.stranger !== undefined) return deliverFromStranger(recorder, to, flight, flight.stranger)
  const { id, segment } = flight
  const before = recorder.world.hosts[to]
  if (before.tcb.state === 'LISTEN' && isListenerFull(recorder.world, to))
    return recorder.record({ kind: 'lost', id, at: recorder.world.clock, why: 'backlog' })
  const arrival = processArrival(before.tcb, segment, rulesOf(recorder.world))
  const { takenIn } = arrival
  recorder.record({ kind: 'arrived', to, id, at: recorder.world.clock })
  recordTcb(recorder, to, arrival.tcb, 'arrival', arrival.restarted)
  const receive = (what: 'SYN' | 'data' | 'FIN') => {
    if (!before.received.includes(what)) recorder.record({ kind: 'received', seat: to, what })
  }
  if (takenIn.syn) receive('SYN')
  if (takenIn.octets > 0) receive('data')
  if (takenIn.fin) receive('FIN')
  deliverToApplication(recorder, to)
  const { state } = recorder.world.hosts[to].tcb
  const moved = takenIn.syn || takenIn.octets > 0 || takenIn.fin || takenIn.acked || takenIn.reset || state !== before.tcb.state
  const asks = arrival.newlyPending.length > 0
  recorder.record({
    kind: 'event',
    seat: to,
    state,
    asks,
    discard: judgeDiscard(arrival.newlyPending, moved, arrival.tcb, rulesOf(recorder.world)),
    of: segmentKindsOf(segment),
  })
  cancelWait(recorder, to)
  // A passive TCP that is reset in SYN-RECEIVED returns to LISTEN, so that the round goes on.
  if (takenIn.reset && state === 'CLOSED') endIfConnectionLost(recorder, to)
}

/** Delivers newly received octets to TLS and the application, and records the messages that they complete. */
function deliverToApplication(recorder: EffectRecorder, seat: Seat): void {
  const { http, tls } = sceneOf(recorder.world)
  if (tls) for (const effect of consumeTlsOctets(recorder.world, seat, recorder.tlsTools)) recorder.record(effect)
  if (!http) return
  const name = httpMessageKindOf(peerOf(seat))
  const known = recorder.world.hosts[seat].readMessages.filter((each) => each === name).length
  for (const text of messagesDeliveredTo(recorder.world, seat).slice(known))
    recorder.record({ kind: 'read', seat, name, text, ...(tls ? { encrypted: true } : {}) })
}

/** Names of the messages whose last octet is sent for the first time by the segment that changes the host's TCB to `after`. */
function messagesCompletedBy(world: World, seat: Seat, after: Tcb) {
  const { tcb, writtenMessages } = world.hosts[seat]
  const before = octetsSentBy(sceneOf(world), seat, tcb)
  const now = octetsSentBy(sceneOf(world), seat, after)
  return writtenMessages.filter(({ end }) => end > before && end <= now).map(({ name }) => name)
}

const isListenerFull = (world: World, seat: Seat): boolean =>
  isBacklogFull(world.hosts[seat].strangers, sceneOf(world).backlog ?? Infinity)

/** Ends the round because a connection is lost, unless the scene's goal is CLOSED or the application is still to open another connection. */
function endIfConnectionLost(recorder: EffectRecorder, seat: Seat): void {
  const { goal, application } = sceneOf(recorder.world)
  const left = application[seat].slice(recorder.world.hosts[seat].stepsMade)
  if (goal[seat] !== 'CLOSED' && !left.some(({ call }) => call?.call === 'OPEN')) recorder.record({ kind: 'over', why: 'broken' })
}

/**
 * Delivers a stranger's segment. The listening TCP answers it automatically unless the backlog is full. A stranger sends only one segment
 * and never answers, so the seat merely sees its table of connections fill up.
 */
function deliverFromStranger(recorder: EffectRecorder, to: Seat, { id, segment }: InFlightSegment, name: string): void {
  const { clock, hosts } = recorder.world
  const { tcb, strangers } = hosts[to]
  const { times, iss } = sceneOf(recorder.world)
  if (tcb.opened !== 'passive' || isListenerFull(recorder.world, to))
    return recorder.record({ kind: 'lost', id, at: clock, why: 'backlog' })
  recorder.record({ kind: 'arrived', to, id, at: clock })
  const answered = answerInListen(iss[to], tcb.rcv.buff, segment, rulesOf(recorder.world))
  if (!answered) return
  const { reply } = answered
  const { state } = answered.tcb
  // Only half-open connections expire.
  const expires = state === 'SYN-RECEIVED' ? clock + times.halfOpen : null
  recorder.record({ kind: 'strangers', seat: to, strangers: [...strangers, { name, state, expires }] })
  const answer = recorder.world.segmentCount + 1
  recorder.record({ kind: 'left', from: to, id: answer, at: clock, segment: reply, stranger: name })
  recorder.record({ kind: 'lost', id: answer, at: clock + times.transit, why: 'vanished' })
}

/** Handles the expiry of a host's timer. */
export function fireTimer(recorder: EffectRecorder, seat: Seat, timer: Timer): void {
  recorder.record({ kind: 'fired', seat, timer })
  const { [timer]: _, ...due } = recorder.world.hosts[seat].timerDeadlines
  recorder.record({ kind: 'timers', seat, due })
  recordTcb(recorder, seat, processTimeout(recorder.world.hosts[seat].tcb, timer), 'timer')
  const { tcb } = recorder.world.hosts[seat]
  recorder.record({
    kind: 'event',
    seat,
    state: tcb.state,
    asks: false,
    discard: judgeDiscard([], true, tcb, rulesOf(recorder.world)),
  })
  if (timer === 'user') endIfConnectionLost(recorder, seat)
}

/** Makes the user call that is next in the application's script. False if TCP returns an error; nothing is recorded then. */
export function makeUserCall(recorder: EffectRecorder, seat: Seat, call: UserCall, by: 'seat' | 'exercise'): boolean {
  return useTcp(recorder, seat, call, { kind: 'called', seat, call, by }, { calls: call.call })
}

/** The SEND call that passes a message to TCP. */
export const sendCallOf = ({ wrote }: MessageToSend): UserCall => ({ call: 'SEND', octets: wrote.octets.length / 2 })

/** Passes a message to TCP. False if TCP returns an error; nothing is recorded then. */
export function writeMessage(recorder: EffectRecorder, seat: Seat, message: MessageToSend): boolean {
  const { wrote, tlsEffects } = message
  return useTcp(recorder, seat, sendCallOf(message), wrote, { writes: wrote.name }, tlsEffects)
}

/** Makes a call and records its effects. `deed`: the deed that may meet milestones. False if TCP returns an error. */
function useTcp(
  recorder: EffectRecorder,
  seat: Seat,
  call: UserCall,
  callEffect: Extract<Effect, { kind: 'called' | 'wrote' }>,
  deed: Deed,
  more: readonly Effect[] = [],
): boolean {
  const { by } = callEffect
  const before = recorder.world.hosts[seat].tcb
  const result = processCall(before, call)
  if (!result.ok) return false
  if (by === 'seat') cancelWait(recorder, seat)
  recorder.record(callEffect)
  for (const effect of more) recorder.record(effect)
  if (callEffect.kind === 'wrote') relayWritten(recorder, seat, callEffect.octets)
  recordTcb(recorder, seat, result.tcb, 'user')
  meetMilestones(recorder, seat, deed)
  deliverToApplication(recorder, seat)
  // A state that the call enters at once counts as claimed. If the call only queues a segment, the student claims the state by sending that.
  if (result.tcb.state !== before.state) claimState(recorder, seat, result.tcb.state, 'claim')
  if (by === 'seat') recorder.record({ kind: 'done', seat, useless: false })
  return true
}

/**
 * Records a state that the seat has correctly claimed, and settles the events that the claim covers. A sent segment also settles the events
 * that required one; a state change that required none may still be claimed afterwards. `by`: claimed with a segment, or separately.
 */
export function claimState(recorder: EffectRecorder, seat: Seat, state: State, by: 'send' | 'claim'): void {
  const { claimedState, openEvents } = recorder.world.seats[seat]
  for (const event of openEvents) {
    const covered = event.state === state || event.state === claimedState || (by === 'send' && event.asks)
    if (covered) recorder.record({ kind: 'settled', seat, event: event.view })
  }
  recorder.record({ kind: 'said', seat, state })
  meetMilestones(recorder, seat, { says: state })
}

/** Records that a seat correctly discards an event. `view`: the event's `HostEvent.view`. */
export function discardEvent(recorder: EffectRecorder, seat: Seat, view: number): void {
  const event = recorder.world.seats[seat].openEvents.find((e) => e.view === view)
  recorder.record({ kind: 'settled', seat, event: view })
  for (const kind of event?.of ?? []) meetMilestones(recorder, seat, { discards: kind })
}

/** Records that a seat has answered its open question: correctly, or with a vote if it is one that is discussed. */
export function answerQuestion(recorder: EffectRecorder, seat: Seat, question: string, choice: number): void {
  if (openQuestion(recorder.world, seat)?.discussed) return vote(recorder, seat, question, choice)
  recorder.record({ kind: 'answered', seat, question, choice, right: true })
  meetMilestones(recorder, seat, { chooses: question })
  recorder.record({ kind: 'done', seat, useless: false })
}

function vote(recorder: EffectRecorder, seat: Seat, question: string, choice: number): void {
  recorder.record({ kind: 'voted', seat, question, choice })
  if (recorder.world.seats[seat].votes.length > 1) settleVote(recorder, seat)
  else if (hasVotedAlone(recorder.world, peerOf(seat))) recorder.record({ kind: 'discussed' })
  recorder.record({ kind: 'done', seat, useless: false })
}

/** Settles the question that the seat has voted on by its first vote, the only one that counts; nothing if it has not voted. */
export function settleVote(recorder: EffectRecorder, seat: Seat): void {
  const { world } = recorder
  const question = sceneOf(world).questions[seat].find(({ discussed }) => discussed)
  const [alone] = world.seats[seat].votes
  if (!question || alone === undefined || statusOf(world, seat, question.id) !== 'open') return
  if (alone !== question.right && !sceneOf(world).free)
    recorder.record({ kind: 'charged', seat, milestone: question.id, eighths: COST_EIGHTHS.wrongChoice })
  meetMilestones(recorder, seat, { chooses: question.id })
}

function cancelWait(recorder: EffectRecorder, seat: Seat): void {
  if (recorder.world.seats[seat].waitRequested) recorder.record({ kind: 'withdrawn', seat })
}

/** Records that a deed meets the seat's milestones of this scene that ask for it, even if they are still shut. */
function meetMilestones(recorder: EffectRecorder, seat: Seat, deed: Deed): void {
  for (const { id, deed: wanted } of sceneOf(recorder.world).milestones[seat]) {
    if (!deepEqual(wanted, deed)) continue
    const record = recorder.world.seats[seat].milestones.find((m) => m.id === id)
    if (!record || (record.status !== 'open' && record.status !== 'shut')) continue
    recorder.record({ kind: 'milestone', seat, milestone: id, status: outcomeFor(recorder, seat, record) })
  }
}

/** The status of a milestone that is met now, by whoever plays for the seat. */
function outcomeFor({ world, playedBy }: EffectRecorder, seat: Seat, { id, charged }: MilestoneRecord): MilestoneRecord['status'] {
  switch (playedBy) {
    case 'player':
      return 'met'
    case 'invigilator':
      return charged >= POINT_EIGHTHS ? 'forfeited' : 'met'
    case 'stand-in':
      return world.seats[seat].openWhenLeft.includes(id) ? 'forfeited' : 'missed'
  }
}

/** The deeds that a seat accomplishes by satisfying a pending segment with `segment`. */
function deedsOf(pending: PendingSegment, segment: Segment): Deed[] {
  switch (pending.kind) {
    case 'SYN':
    case 'FIN':
    case 'data':
    case 'RST':
    case 'probe':
      return [{ sends: pending.kind }]
    case 'SYN,ACK':
      return [{ sends: 'SYN' }, { acknowledges: 'SYN' }]
    case 'ACK':
      return 'of' in pending ? pending.of.map((kind) => ({ answers: kind })) : [{ acknowledges: pending.why }]
    case 'retransmission':
      return segmentKindsOf(segment).flatMap((kind) =>
        kind === 'SYN' || kind === 'data' || kind === 'FIN' ? [{ resends: kind }] : [],
      )
  }
}

function recordTcb(
  recorder: EffectRecorder,
  seat: Seat,
  tcb: Tcb,
  by: 'arrival' | 'timer' | 'user',
  restarted: readonly Timer[] = [],
): void {
  const { tcb: before, timerDeadlines: running } = recorder.world.hosts[seat]
  const set = changedFields(before, tcb)
  if (set) recorder.record({ kind: 'tcb', seat, set, by })
  const due = computeTimerDeadlines(recorder.world, before, tcb, running, restarted)
  if (due !== running) recorder.record({ kind: 'timers', seat, due })
}
