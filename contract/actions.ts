/** What a seat, the network seat or a teacher may do in a round: schemas of the actions that sockets receive. */
import { Type, type TProperties } from 'typebox'
import { KEY_EXCHANGE_PAYLOADS, EXCHANGE_KEYS, MESSAGES_WITHOUT_CHOICE } from '../protocol/tls/endpoint/endpoint.ts'
import { NAMED_GROUPS } from '../protocol/tls/format/crypto.ts'
import { ALERT, type AlertName, TLS_VERSIONS } from '../protocol/tls/format/messages.ts'
import { SEATS } from '../protocol/seat.ts'
import { STATES } from '../protocol/tcp/states.ts'
import { codeText, literals, strictObject, typedText, type JsonOf } from './schema-parts.ts'

export const State = literals(STATES)

const Call = Type.Union([
  strictObject({ call: Type.Literal('OPEN'), mode: literals(['active', 'passive'] as const) }),
  strictObject({ call: Type.Literal('SEND'), octets: Type.Integer({ minimum: 1, maximum: 65_535 }) }),
  strictObject({ call: literals(['RECEIVE', 'CLOSE', 'ABORT'] as const) }),
])

/** A segment as a student writes it. */
export const Draft = strictObject({
  bits: Type.Integer({ minimum: 0, maximum: 255 }),
  seq: typedText(0, 40),
  ack: typedText(0, 40),
  length: Type.Integer({ minimum: 0, maximum: 65_535 }),
  window: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
})

const Prediction = strictObject({
  bits: Type.Integer({ minimum: 0, maximum: 255 }),
  seq: typedText(0, 40),
  ack: typedText(0, 40),
  length: Type.Integer({ minimum: 0, maximum: 65_535 }),
})

const ALERT_NAMES = Object.keys(ALERT) as [AlertName, ...AlertName[]]
/** A TLS message with the choices that a student can make about it. */
const say = <const N extends string, P extends TProperties>(name: N, more: P) => strictObject({ say: Type.Literal(name), ...more })
const Suite = Type.Integer({ minimum: 0, maximum: 0xffff })
const TlsVersion = literals(TLS_VERSIONS)
const hidden = Type.Optional(Type.Literal(true))
/** What a student decides about a TLS message. Application data is not among these: it results from an HTTP message. */
const Choice = Type.Union([
  say('ClientHello', {
    suites: Type.Optional(Type.Array(Suite, { minItems: 1, maxItems: 40 })),
    versions: Type.Optional(Type.Array(TlsVersion, { minItems: 1, maxItems: 2 })),
    hidden,
  }),
  say('ServerHello', { suite: Type.Optional(Suite), version: Type.Optional(TlsVersion), hidden }),
  say('HelloRetryRequest', { group: Type.Optional(literals(NAMED_GROUPS)) }),
  say('Certificate', { none: Type.Optional(Type.Literal(true)) }),
  say('ClientKeyExchange', {
    carries: Type.Optional(literals(KEY_EXCHANGE_PAYLOADS)),
    under: Type.Optional(literals(EXCHANGE_KEYS)),
  }),
  say('Finished', { over: Type.Optional(literals(['all-messages', 'own-messages', 'the-certificate'] as const)) }),
  say('Alert', { alert: literals(ALERT_NAMES) }),
  say('KeyUpdate', { requested: Type.Optional(Type.Boolean()) }),
  strictObject({ say: literals(MESSAGES_WITHOUT_CHOICE) }),
])
const Composed = Type.Union([
  strictObject({ kind: Type.Literal('http'), text: typedText(0, 8_000) }),
  strictObject({ kind: Type.Literal('tls'), choice: Choice }),
])

const Event = Type.Integer({ minimum: 1, maximum: 1_000_000 })
/** The actions of a client or server seat. */
export const SeatAction = Type.Union([
  strictObject({ kind: Type.Literal('call'), call: Call }),
  strictObject({ kind: Type.Literal('send'), segment: Draft, state: State }),
  strictObject({ kind: Type.Literal('write'), message: Composed, sure: Type.Optional(Type.Boolean()) }),
  strictObject({ kind: Type.Literal('claim'), event: Event, state: State }),
  strictObject({ kind: Type.Literal('discard'), event: Event }),
  strictObject({ kind: literals(['wait', 'hint'] as const) }),
  strictObject({ kind: Type.Literal('predict'), segment: Prediction }),
  strictObject({
    kind: Type.Literal('answer'),
    /** As the page knows it: the index of a scored step of the seat. */
    question: codeText('0-9', 1, 4),
    choice: Type.Integer({ minimum: 0, maximum: 9 }),
  }),
])

const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const OnSegment = strictObject({
  kind: Type.Literal('wire'),
  wire: literals(['pass', 'drop', 'duplicate', 'hold'] as const),
  segment: Count,
})
const Inject = strictObject({ kind: Type.Literal('wire'), wire: Type.Literal('inject'), injection: Count })
/** The actions of the network seat. */
export const WireAction = Type.Union([OnSegment, Inject])
/** The actions of a teacher in a running round. */
export const Steering = Type.Union([
  OnSegment,
  Inject,
  strictObject({ kind: Type.Literal('control'), control: literals(['pause', 'resume', 'stop-wire', 'free-wire'] as const) }),
  // The built-in partner plays a seat, or no longer: whoever has it takes it back by acting.
  strictObject({ kind: Type.Literal('control'), control: literals(['takeover', 'return'] as const), seat: literals(SEATS) }),
  strictObject({
    kind: Type.Literal('control'),
    control: Type.Literal('hint'),
    seat: literals(SEATS),
    rung: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3)]),
  }),
])
export type Steering = JsonOf<typeof Steering>
