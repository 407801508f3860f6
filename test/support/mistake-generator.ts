/**
 * Generates mistakes that a seat may make: the engine's own action with one error in it, and every action of a kind that was not
 * due.
 */
import type { Seat } from '../../protocol/seat.ts'
import { ACK, FIN, RST, segmentLength, SYN } from '../../protocol/segment.ts'
import { add } from '../../protocol/seq.ts'
import { type State, STATES } from '../../protocol/tcp/states.ts'
import type { SegmentDraft, SeatAction } from '../../protocol/round/model/action.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { openQuestion } from '../../protocol/round/fold/progress.ts'
import { KEY_EXCHANGE_PAYLOADS, type MessageChoice, EXCHANGE_KEYS } from '../../protocol/tls/endpoint/endpoint.ts'
import { CIPHER_SUITES } from '../../protocol/tls/format/suites.ts'
import { formatNumber } from '../../protocol/notation.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { notationOf, sceneOf } from '../../protocol/round/fold/current-scene.ts'

/** The actions that a seat may wrongly take in a world. If a question is open, all its choices, including the correct one. */
export function mistakes(world: World, seat: Seat): SeatAction[] {
  const question = openQuestion(world, seat)
  if (question) return question.order.map((choice) => ({ kind: 'answer', question: question.id, choice }))

  const { tcb } = world.hosts[seat]
  // Writes a number relative to the closest name below it, whichever seat's name that is.
  const write = (value: number) =>
    (['seq', 'ack'] as const)
      .map((field) => formatNumber(value, notationOf(world), field, seat))
      .reduce((one, other) => (other.length < one.length ? other : one))
  const send = (bits: number, seq: number, ack: number | null, length: number, state: State): SeatAction => {
    const segment: SegmentDraft = { bits, seq: write(seq), ack: ack === null ? '' : write(ack), length }
    return { kind: 'send', segment, state }
  }
  const acts: SeatAction[] = [
    send(RST, tcb.snd.nxt, null, 0, 'CLOSED'),
    send(ACK, tcb.snd.nxt, tcb.rcv.nxt, 0, tcb.state),
    send(ACK, tcb.snd.nxt, tcb.rcv.nxt, 5, tcb.state),
    send(ACK | FIN, tcb.snd.nxt, tcb.rcv.nxt, 0, tcb.state),
  ]
  const event = world.seats[seat].openEvents.at(-1)?.view
  if (event !== undefined) {
    acts.push({ kind: 'discard', event })
    for (const state of STATES) acts.push({ kind: 'claim', event, state })
  }

  const due = nextEngineAction(world, seat)
  if (due.kind === 'write') {
    const { message } = due
    return [...acts, ...(message.kind === 'http' ? miswritten(message.text) : mischosen(world, message.choice))]
  }
  if (due.kind !== 'send') return acts
  const { bits, seq, ack, length } = due.segment
  const { heard, said } = tcb
  const names = Object.values(sceneOf(world).names).flatMap(({ value }) => [value, add(value, 1), add(value, 4)])
  const near = [tcb.snd.una, tcb.snd.nxt, tcb.rcv.nxt, heard?.seq, heard?.ack, said?.seq].flatMap((n) => n ?? [])
  const numbers = new Set([0, ...names, ...near.flatMap((number) => [number, add(number, 1)])])
  // Typical errors: the last octet instead of the next one; one's own length instead of the peer's.
  if (heard) numbers.add(add(heard.seq, segmentLength(heard) - 1)).add(add(heard.seq, length))
  if (ack !== null) numbers.add(add(ack, said?.length ?? 0))
  for (const bit of [SYN, ACK, FIN, RST]) acts.push(send(bits ^ bit, seq, ack, length, due.state))
  if (ack !== null) acts.push(send(bits & ~ACK, seq, null, length, due.state))
  for (const number of numbers) {
    acts.push(send(bits, number, ack, length, due.state))
    acts.push(send(bits, seq, number, length, due.state))
  }
  for (const more of [1, 5]) acts.push(send(bits, seq, ack, length + more, due.state))
  for (const state of STATES) acts.push(send(bits, seq, ack, length, state))
  return acts
}

/** The engine's own HTTP message with one error in it. */
const miswritten = (text: string): SeatAction[] =>
  [
    text.replace(/\n\n/, '\n'),
    text.replace('GET', 'get'),
    text.replace(' /', ' '),
    text.replace('HTTP/1.1', 'HTTP/2.0'),
    text.replace(/(\S+) (\S+)(.*)\n/, '$1 $2\n'),
    text.replace(/Host.*\n/, ''),
    text.replace(/(Host:) .*\n/, '$1 192.0.2.2\n'),
    text.replace(/Content-Length.*\n/, ''),
    text.replace(/(Content-Length: ).*\n/, '$11\n'),
    text.replace(': ', ' '),
    text.replace(':', ' :'),
  ]
    .filter((wrong) => wrong !== text)
    .map((wrong) => ({ kind: 'write', message: { kind: 'http', text: wrong } }))

/** TLS messages that are not due now, and the due message with one error in it. */
const mischosen = (world: World, due: MessageChoice): SeatAction[] =>
  [...ELSEWHERE.filter(({ say }) => say !== due.say), ...twisted(world, due)].map((choice) => ({
    kind: 'write',
    message: { kind: 'tls', choice },
  }))

const ELSEWHERE: readonly MessageChoice[] = [
  { say: 'ClientHello' },
  { say: 'ServerHello' },
  { say: 'Certificate' },
  { say: 'ServerKeyExchange' },
  { say: 'ServerHelloDone' },
  { say: 'ClientKeyExchange' },
  { say: 'CertificateVerify' },
  { say: 'ChangeCipherSpec' },
  { say: 'Finished' },
]

function twisted(world: World, due: MessageChoice): readonly MessageChoice[] {
  const offered = sceneOf(world).tls?.client.suites ?? []
  switch (due.say) {
    case 'ClientHello':
      return [{ ...due, hidden: true }]
    case 'ServerHello':
      return [
        { ...due, hidden: true },
        ...CIPHER_SUITES.filter(({ number }) => !offered.includes(number)).map(({ number }) => ({ ...due, suite: number })),
      ]
    case 'ClientKeyExchange':
      return [
        ...KEY_EXCHANGE_PAYLOADS.map((carries) => ({ ...due, carries })),
        ...EXCHANGE_KEYS.map((under) => ({ ...due, under })),
      ]
    case 'Finished':
      return [
        { ...due, over: 'own-messages' },
        { ...due, over: 'the-certificate' },
      ]
    default:
      return []
  }
}
