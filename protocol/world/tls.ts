/** TLS in a round: where a host's end of it stands, what it owes, and what arrives there. */
import { equal } from '../equal.ts'
import type { Finding } from '../findings.ts'
import type { Certificate, Identity, Revocation } from '../tls/certificate.ts'
import { due } from '../tls/compose.ts'
import type { Crypto } from '../tls/crypto.ts'
import type { Choice, Endpoint, Host, SaidMessage, Wants } from '../tls/endpoint.ts'
import { facts } from '../tls/facts.ts'
import { hex, unhex } from '../octets.ts'
import { ALERT, type Message } from '../tls/messages.ts'
import { ends, silent } from '../tls/may-say.ts'
import { receive } from '../tls/receive.ts'
import { rulesNamed } from '../tls/rules.ts'
import type { Effect, Spoken } from './action.ts'
import type { Seat } from './exercise.ts'
import type { Utterance } from './utterances.ts'
import type { DrawnTls } from './script.ts'
import { givenTo } from './stream.ts'
import { sceneOf, type SecureEnd, type World } from './world.ts'

/** What TLS takes that no script holds: the primitives, and the certificates with their keys. */
export interface TlsTools {
  readonly crypto: Crypto
  /** Of this id; throws where there is none. */
  readonly identity: (id: string) => Identity
  /** All that may be shown. */
  readonly certificates: readonly Certificate[]
  readonly trusted: readonly Certificate[]
  readonly revoked: readonly Revocation[]
  /** World time 0, in milliseconds since 1970. */
  readonly epoch: number
}

/** A host's end of TLS; throws where it has none. */
export function endOf(world: World, seat: Seat): SecureEnd {
  const { tls } = world.hosts[seat]
  if (!tls) throw new Error(`the ${seat} of ${sceneOf(world).id} speaks no TLS`)
  return tls
}

const wants = ({ rules, ...sides }: DrawnTls, seat: Seat): Wants => ({ ...sides[seat], role: seat, rules })

/** Where an end of TLS lives. */
export function hostOf(world: World, seat: Seat, tools: TlsTools | undefined): Host {
  const { tls } = sceneOf(world)
  if (!tls || !tools) throw new Error(`${sceneOf(world).id}: TLS takes the primitives and the certificates`)
  const { identity, crypto, certificates, trusted, revoked, epoch } = tools
  const { shows, asksForCertificate = false, ...able } = tls[seat]
  const knows = { serverName: tls.name, identity: shows === null ? null : identity(shows), trusted, revoked, seed: tls.seed }
  const config = { ...able, asksForCertificate, role: seat, rules: tls.rules, ...knows }
  return { config, crypto, certificates, now: epoch + world.clock }
}

/** What a host's TLS has to say now, and its application has no part in. */
export function dueChoice(world: World, seat: Seat): Choice | null {
  const { tls } = sceneOf(world)
  const { tls: end } = world.hosts[seat]
  return tls && end ? due(end.endpoint, wants(tls, seat)) : null
}

/** Its TLS says nothing any more, nor anything for its application. */
export const isSilent = ({ hosts }: World, seat: Seat): boolean => {
  const { tls } = hosts[seat]
  return tls !== null && silent(tls.endpoint.connection, seat)
}

/** What is wrong with closing TCP's connection now: TLS has begun on it and not said that nothing follows. */
export function unclosed(world: World, seat: Seat): Finding | null {
  const { tls } = sceneOf(world)
  const { tls: end } = world.hosts[seat]
  return tls && end ? ends(end.endpoint.connection, seat, rulesNamed(tls.rules)) : null
}

const nameOf = (message: Exclude<Message, { is: 'ApplicationData' }>): Utterance =>
  message.is === 'Alert' && message.description === ALERT.close_notify ? 'close_notify' : message.is

/** A message of TLS's own as an effect tells of it. Throws for application data: that is the application's. */
export function spoken({ message, protected: encrypted }: SaidMessage, tools: TlsTools | undefined): Spoken {
  if (message.is === 'ApplicationData') throw new Error('application data is no message of TLS itself')
  const shown = facts(message, tools?.certificates ?? [])
  return { name: nameOf(message), ...(shown.length > 0 ? { facts: shown } : {}), ...(encrypted ? { encrypted } : {}) }
}

/** What has changed at an end of TLS, as an effect. */
export function changed(
  seat: Seat,
  before: Endpoint,
  after: Endpoint,
  more: Pick<Extract<Effect, { is: 'tls' }>, 'taken' | 'said' | 'heard'>,
): Effect {
  const goesOn = before.transcript.every((message, i) => after.transcript[i] === message)
  const set = Object.fromEntries(
    Object.entries(after).filter(([field, value]) =>
      field === 'transcript' ? !goesOn : !equal(before[field as keyof Endpoint], value),
    ),
  )
  const transcript = goesOn ? after.transcript.slice(before.transcript.length) : []
  return { is: 'tls', seat, set, ...(transcript.length > 0 ? { transcript } : {}), ...more }
}

/** What a host's end of TLS makes of the octets that it has been given since; nothing, where there are none. */
export function taken(world: World, seat: Seat, tools: TlsTools | undefined): readonly Effect[] {
  const { endpoint, taken: before } = endOf(world, seat)
  const octets = unhex(givenTo(world, seat).octets.slice(2 * before))
  if (octets.length === 0) return []
  const received = receive(endpoint, octets, hostOf(world, seat, tools))
  const data = received.messages.flatMap(({ message }) => (message.is === 'ApplicationData' ? [hex(message.data)] : []))
  const heard = data.length > 0 ? { heard: data.join('') } : {}
  return [
    changed(seat, endpoint, received.endpoint, { taken: octets.length, ...heard }),
    ...received.messages.flatMap((said): Effect[] =>
      said.message.is === 'ApplicationData' ? [] : [{ is: 'read', seat, ...spoken(said, tools), octets: said.octets }],
    ),
  ]
}
