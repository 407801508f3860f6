/** TLS in a round: the state of a host's endpoint, what it has to send, and how it processes received octets. */
import type { Seat } from '../../seat.ts'
import { deepEqual } from '../../deep-equal.ts'
import type { Finding } from '../../findings.ts'
import { type Certificate, type Identity, isChainTrusted, type Revocation } from '../../tls/keys/certificate.ts'
import { nextChoice } from '../../tls/endpoint/compose.ts'
import type { CryptoPrimitives } from '../../tls/format/crypto.ts'
import type {
  MessageChoice,
  TlsEndpoint,
  EndpointHost,
  TransmittedMessage,
  NegotiationConfig,
} from '../../tls/endpoint/endpoint.ts'
import { listCheckFacts, listFacts } from '../../tls/watch/message-facts.ts'
import { toHex, fromHex } from '../../octets.ts'
import { ALERT, type TlsMessage } from '../../tls/format/messages.ts'
import { judgeFin, isWriteClosed } from '../../tls/acceptor/judge-message.ts'
import { receive } from '../../tls/endpoint/receive.ts'
import { getTlsRules } from '../../tls/keys/rules.ts'
import type { Effect, EndpointChange, MessageSummary } from '../model/effect.ts'
import type { UpperLayerMessage } from '../model/upper-layer-messages.ts'
import type { ScriptTls } from '../model/script.ts'
import { octetsDeliveredTo } from '../fold/application-stream.ts'
import type { TlsEndState, World } from '../model/world.ts'
import { sceneOf } from '../fold/current-scene.ts'

/** What TLS needs in addition to the script: cryptographic primitives, and certificates with their keys. */
export interface TlsTools {
  readonly crypto: CryptoPrimitives
  /** Finds an identity by its id. Throws if there is none. */
  readonly identity: (id: string) => Identity
  /** All certificates that a host may present. */
  readonly certificates: readonly Certificate[]
  /** The certificates that hosts trust. */
  readonly trusted: readonly Certificate[]
  readonly revoked: readonly Revocation[]
  /** World time 0, in milliseconds since 1970. */
  readonly epoch: number
}

/** The state of a host's TLS. Throws in a scene without TLS. */
export function tlsEndOf(world: World, seat: Seat): TlsEndState {
  const { tls } = world.hosts[seat]
  if (!tls) throw new Error(`the ${seat} of ${sceneOf(world).id} speaks no TLS`)
  return tls
}

const tlsWantsOf = ({ rules, ...sides }: ScriptTls, seat: Seat): NegotiationConfig => ({ ...sides[seat], role: seat, rules })

/** Configuration, primitives and clock of a host's TLS. Throws if the scene has no TLS or `tools` is undefined. */
export function tlsHostOf(world: World, seat: Seat, tools: TlsTools | undefined): EndpointHost {
  const { tls } = sceneOf(world)
  if (!tls || !tools) throw new Error(`${sceneOf(world).id}: TLS takes the primitives and the certificates`)
  const { identity, crypto, certificates, trusted, revoked, epoch } = tools
  const { shows, asksForCertificate = false, ...able } = tls[seat]
  const knows = { serverName: tls.name, identity: shows === null ? null : identity(shows), trusted, revoked, seed: tls.seed }
  const config = { ...able, asksForCertificate, role: seat, rules: tls.rules, ...knows }
  return { config, crypto, certificates, now: epoch + world.clock }
}

/** The message that TLS itself has to send now, regardless of the application; null if there is none. */
export function dueTlsChoice(world: World, seat: Seat): MessageChoice | null {
  const { tls } = sceneOf(world)
  const { tls: end } = world.hosts[seat]
  return tls && end ? nextChoice(end.endpoint, tlsWantsOf(tls, seat)) : null
}

/** Whether a host's TLS can no longer send anything, including application data. */
export const isTlsSilent = ({ hosts }: World, seat: Seat): boolean => {
  const { tls } = hosts[seat]
  return tls !== null && isWriteClosed(tls.endpoint.connection, seat)
}

/** Why it is wrong to close the TCP connection now: TLS has begun and has not sent close_notify. Null if closing is right. */
export function closeNotifyMissing(world: World, seat: Seat): Finding | null {
  const { tls } = sceneOf(world)
  const { tls: end } = world.hosts[seat]
  return tls && end ? judgeFin(end.endpoint.connection, seat, getTlsRules(tls.rules)) : null
}

export const messageNameOf = (message: Exclude<TlsMessage, { kind: 'ApplicationData' }>): UpperLayerMessage =>
  message.kind === 'Alert' && message.description === ALERT.close_notify ? 'close_notify' : message.kind

/** Summarises a message of TLS itself for an effect. `chain`: whether its certificate chain is trusted, if it was checked. Throws on application data, which is summarised as a message of the application. */
export function summarizeTlsMessage(
  { message, protected: encrypted, verifies }: TransmittedMessage,
  tools: TlsTools | undefined,
  chain?: boolean,
): MessageSummary {
  if (message.kind === 'ApplicationData') throw new Error('application data is no message of TLS itself')
  const shown = [...listFacts(message, tools?.certificates ?? []), ...listCheckFacts({ verifies, chain })]
  return { name: messageNameOf(message), ...(shown.length > 0 ? { facts: shown } : {}), ...(encrypted ? { encrypted } : {}) }
}

/** The effect that describes how a host's TLS endpoint has changed. */
export const tlsChangeEffect = (
  seat: Seat,
  before: TlsEndpoint,
  after: TlsEndpoint,
  more: Pick<Extract<Effect, { kind: 'tls' }>, 'taken' | 'said' | 'heard'>,
): Effect => ({ kind: 'tls', seat, ...endpointChange(before, after), ...more })

/** How a TLS endpoint has changed. */
export function endpointChange(before: TlsEndpoint, after: TlsEndpoint): EndpointChange {
  const goesOn = before.transcript.every((message, i) => after.transcript[i] === message)
  const set = Object.fromEntries(
    Object.entries(after).filter(([field, value]) =>
      field === 'transcript' ? !goesOn : !deepEqual(before[field as keyof TlsEndpoint], value),
    ),
  )
  const transcript = goesOn ? after.transcript.slice(before.transcript.length) : []
  return { set, ...(transcript.length > 0 ? { transcript } : {}) }
}

/** Passes newly delivered octets to a host's TLS and returns the effects; none if there are no new octets. */
export function consumeTlsOctets(world: World, seat: Seat, tools: TlsTools | undefined): readonly Effect[] {
  const { endpoint, octetsConsumed: before } = tlsEndOf(world, seat)
  const octets = fromHex(octetsDeliveredTo(world, seat).octets.slice(2 * before))
  if (octets.length === 0) return []
  const received = receive(endpoint, octets, tlsHostOf(world, seat, tools))
  const data = received.messages.flatMap(({ message }) => (message.kind === 'ApplicationData' ? [toHex(message.data)] : []))
  const heard = data.length > 0 ? { heard: data.join('') } : {}
  const { peer } = received.endpoint
  const { checksCertificates } = getTlsRules(sceneOf(world).tls!.rules)
  const chainOf = (said: TransmittedMessage) =>
    said.message.kind === 'Certificate' && checksCertificates && peer && peer.chain.length > 0
      ? isChainTrusted(peer.faults)
      : undefined
  return [
    tlsChangeEffect(seat, endpoint, received.endpoint, { taken: octets.length, ...heard }),
    ...received.messages.flatMap((said): Effect[] =>
      said.message.kind === 'ApplicationData'
        ? []
        : [{ kind: 'read', seat, ...summarizeTlsMessage(said, tools, chainOf(said)), octets: said.octets }],
    ),
  ]
}
