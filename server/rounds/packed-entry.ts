/**
 * The format in which the log stores an entry: one text, a third of the size of its JSON. Only this module knows the format.
 *
 * Rows are kept permanently, so the format must stay readable. A list (of words, of kinds) may only be extended at its end, and a
 * codec's `fields` never change. A new field needs no change here, because a field that is not listed is stored under its name.
 * If a listed field changes its name or meaning, add a format with another number and keep this one for reading.
 */
import type { Action } from '../../protocol/round/model/action.ts'
import type { Effect } from '../../protocol/round/model/effect.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import type { Verdict } from '../../protocol/round/model/verdict.ts'
import type { Finding } from '../../protocol/findings.ts'
import type { Seat } from '../../protocol/seat.ts'
import type { Segment, SegmentKind } from '../../protocol/segment.ts'
import type { PendingSegment, State, Tcb, Timer } from '../../protocol/tcp/tcb.ts'
import { asIs, type Codec, common, flag, list, nullable, once, record, some, union, word } from './codecs.ts'

/** The number of the format; the first element of the text. */
const FORM = 1

/** What the text contains. The round and the index are the row's key. */
type Stored = Omit<Entry, 'roundId' | 'index'>

/** The text in which the log stores an entry; its round and index are stored in columns of their own. */
export function packEntry(entry: Entry): string {
  const { roundId: _round, index: _index, ...stored } = entry
  return `[${FORM},${ENTRY.pack(stored, [])}]`
}

/** Throws if this version does not know the format. */
export function unpackEntry(roundId: string, index: number, text: string): Entry {
  const [form, packed] = JSON.parse(text) as [number, unknown]
  if (form !== FORM) throw new Error(`entry ${index} of round ${roundId} has the form ${form}, which a newer version has written`)
  return { roundId, index, ...ENTRY.unpack(packed, []) }
}

const seat = word<Seat>('client', 'server')
const state = word<State>(
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
  'CLOSED',
)
const timer = word<Timer>('user', 'retransmission', 'persist', 'time-wait')
const segment = once(record<Segment>({ bits: asIs, seq: asIs, ack: asIs, length: asIs, window: asIs }))
/** A round's script occurs twice: in the action that starts the round, and in its first effect. */
const script = once<Script>(asIs)

const finding = record<Finding>({ kind: asIs, field: asIs, given: asIs, want: asIs, rule: asIs, misconception: asIs })
const refusedDiscard = (want: string | null): Finding => ({
  kind: 'refusal',
  field: 'flags',
  given: null,
  want,
  rule: 'RFC 9293 3.10.7.4',
  misconception: null,
})
/** Why an arrival may not be discarded: usually because it must be acknowledged or has changed the state. */
const discard = nullable(common([refusedDiscard('ACK'), refusedDiscard(null)], finding))

const verdict = common<Verdict>(
  [{ outcome: 'accepted', findings: [] }],
  record<Verdict>({ outcome: asIs, findings: list(finding) }),
)

const pending = common<PendingSegment>([
  { kind: 'SYN' },
  { kind: 'SYN,ACK' },
  { kind: 'FIN' },
  { kind: 'data' },
  { kind: 'retransmission' },
  { kind: 'probe' },
  { kind: 'ACK', why: 'SYN' },
  { kind: 'ACK', why: 'data' },
  { kind: 'ACK', why: 'FIN' },
  { kind: 'ACK', why: 'window' },
])

const tcb = some<Partial<Tcb>>({
  state,
  opened: asIs,
  iss: asIs,
  irs: asIs,
  snd: record<Tcb['snd']>({ una: asIs, nxt: asIs, wnd: asIs, wl1: asIs, wl2: asIs }),
  rcv: record<Tcb['rcv']>({ nxt: asIs, wnd: asIs, buff: asIs }),
  queued: asIs,
  closing: flag,
  finSent: asIs,
  reads: asIs,
  unread: asIs,
  held: asIs,
  finHeld: asIs,
  aborted: flag,
  offers: asIs,
  peerOffers: asIs,
  tsRecent: asIs,
  owes: list(pending),
  timers: list(timer),
  backoff: asIs,
  heard: nullable(segment),
  said: nullable(segment),
})

const action = union<Action>({
  call: [{ call: asIs }],
  send: [{ segment: record({ bits: asIs, seq: asIs, ack: asIs, length: asIs }), state }],
  write: [{ message: asIs }],
  claim: [{ event: asIs, state }],
  discard: [{ event: asIs }],
  wait: [{}],
  hint: [{}],
  answer: [{ question: asIs, choice: asIs }],
  wire: [{ wire: asIs }],
  control: [{ control: asIs }, { script }],
  predict: [{ segment: asIs }],
})

const effect = union<Effect>({
  begun: [{ script, tcbs: asIs }],
  scene: [{ scene: asIs, tcbs: asIs }],
  tcb: [{ seat, by: word('arrival', 'timer', 'user'), set: tcb }],
  left: [{ from: seat, id: asIs, at: asIs, segment }],
  injected: [{ to: seat, id: asIs, at: asIs, as: asIs, segment }],
  copied: [{ id: asIs, of: asIs, at: asIs }],
  held: [{ id: asIs, due: asIs }],
  arrived: [{ to: seat, id: asIs, at: asIs }],
  lost: [{ id: asIs, at: asIs, why: asIs }],
  matched: [{ fault: asIs }],
  'set-out': [{ injection: asIs }],
  strangers: [{ seat, strangers: asIs }],
  clock: [{ now: asIs }],
  timers: [{ seat, due: some({ user: asIs, retransmission: asIs, persist: asIs, 'time-wait': asIs }) }],
  fired: [{ seat, timer }],
  called: [{ seat, call: asIs, by: asIs }],
  wrote: [{ seat, by: asIs, octets: asIs, name: asIs }],
  read: [{ seat, name: asIs }],
  tls: [{ seat, set: asIs }],
  overheard: [{ leaked: asIs }],
  received: [{ seat, what: asIs }],
  event: [{ seat, state, asks: flag, discard }, { of: list(word<SegmentKind>('SYN', 'data', 'FIN', 'RST', 'ACK')) }],
  settled: [{ seat, event: asIs }],
  said: [{ seat, state }],
  milestone: [{ seat, milestone: asIs, status: word('shut', 'open', 'met', 'forfeited', 'missed') }],
  charged: [{ seat, milestone: asIs, eighths: asIs }],
  due: [{ seat, calls: asIs }],
  tried: [{ seat, field: asIs }],
  excused: [{ seat, misconception: asIs }],
  hinted: [{ seat, milestone: asIs, rung: asIs }],
  invigilated: [{ seat }],
  done: [{ seat, useless: flag }],
  asked: [{ seat, question: asIs }],
  answered: [{ seat, question: asIs, choice: asIs, right: flag }],
  lodged: [{ seat }],
  withdrawn: [{ seat }],
  seated: [{ seat, player: asIs }],
  wire: [{ stops: flag }],
  paused: [{}],
  resumed: [{}],
  over: [{ why: asIs }],
  relayed: [{ from: seat, octets: asIs, read: asIs }],
  voted: [{ seat, question: asIs, choice: asIs }],
  discussed: [{}],
  predicted: [{ seat, bits: asIs, seq: asIs, ack: asIs, length: asIs }],
})

/** ISO 8601 in the form of `toISOString` becomes ms since 1970; any other text stays as it is. */
const instant: Codec<string> = {
  pack(text) {
    const ms = Date.parse(text)
    return !Number.isNaN(ms) && new Date(ms).toISOString() === text ? `${ms}` : JSON.stringify(text)
  },
  unpack: (packed) => (typeof packed === 'number' ? new Date(packed).toISOString() : (packed as string)),
}

const ENTRY = record<Stored>({
  actor: word('client', 'server', 'network', 'teacher', 'system'),
  actionId: asIs,
  action,
  seen: asIs,
  verdict,
  effects: list(effect),
  at: instant,
})
