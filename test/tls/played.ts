/** Two endpoints whose messages are delivered to each other at once. */
import {
  EPOCH_MS,
  getIdentity,
  type IdentityId,
  REVOCATIONS,
  EXERCISE_SERVER_NAME,
  TRUSTED_AUTHORITIES,
  CERTIFICATES,
} from '../../exercises/certificates.ts'
import { nodeCrypto } from '../../crypto/node-crypto.ts'
import { compose, nextChoice } from '../../protocol/tls/endpoint/compose.ts'
import {
  type EncodableMessage,
  type EndpointConfig,
  type TlsEndpoint,
  createEndpoint,
  type EndpointHost,
  type TransmittedMessage,
} from '../../protocol/tls/endpoint/endpoint.ts'
import { receive } from '../../protocol/tls/endpoint/receive.ts'
import { peerOf, type Seat } from '../../protocol/seat.ts'
import { CIPHER_SUITES } from '../../protocol/tls/format/suites.ts'

const suiteNumber = (name: string): number => CIPHER_SUITES.find((suite) => suite.name === name)?.number ?? 0

export const RSA = suiteNumber('TLS_RSA_WITH_AES_128_CBC_SHA')
export const ECDHE = suiteNumber('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256')
export const TLS13 = suiteNumber('TLS_AES_128_GCM_SHA256')

/** The host of an endpoint, with the fields in `config` replaced. */
export const host = (
  role: Seat,
  config: Partial<EndpointConfig> = {},
  shows: IdentityId | null = role === 'server' ? 'right' : null,
): EndpointHost => ({
  config: {
    role,
    serverName: EXERCISE_SERVER_NAME,
    versions: ['1.2'],
    suites: [RSA],
    groups: ['x25519', 'secp256r1'],
    identity: shows && getIdentity(shows),
    trusted: TRUSTED_AUTHORITIES,
    revoked: REVOCATIONS,
    seed: role === 'client' ? '00112233' : '44556677',
    rules: 'tls',
    ...config,
  },
  crypto: nodeCrypto,
  certificates: CERTIFICATES,
  now: EPOCH_MS,
})

export class Played {
  readonly hosts: Readonly<Record<Seat, EndpointHost>>
  /** The number of octets that arrive at a time. */
  piece = 100_000
  /** Changes the octets of the message with this number on their way. */
  tamper: (octets: Uint8Array, message: number) => Uint8Array = (octets) => octets
  at: Record<Seat, TlsEndpoint> = { client: createEndpoint('client'), server: createEndpoint('server') }
  /** The messages that have been sent, and the octets that each side has put on the wire. */
  readonly said: TransmittedMessage[] = []
  readonly wire: { readonly from: Seat; readonly octets: Uint8Array }[] = []
  /** The first failure on receipt. */
  failure: ReturnType<typeof receive>['failed']

  constructor(client: EndpointHost, server: EndpointHost) {
    this.hosts = { client, server }
  }

  /** Sends a message. Returns the findings; empty if it was sent. */
  say(role: Seat, choice: EncodableMessage) {
    const composed = compose(this.at[role], choice, this.hosts[role])
    if (!composed.ok) return composed.findings
    const peer = peerOf(role)
    this.wire.push({ from: role, octets: composed.octets })
    this.said.push(composed.sent)
    this.at[role] = composed.endpoint
    const octets = this.tamper(composed.octets, this.said.length - 1)
    for (let at = 0; at < octets.length; at += this.piece) {
      const received = receive(this.at[peer], octets.subarray(at, at + this.piece), this.hosts[peer])
      this.at[peer] = received.endpoint
      this.failure ??= received.failed
    }
    return []
  }

  /** Sends the next message that this side has to send, if there is one. */
  act(role: Seat): void {
    const choice = nextChoice(this.at[role], this.hosts[role].config)
    if (choice) this.say(role, choice)
  }

  /**
   * Both sides send what they have to send, until nothing is left or the message `until` has been sent. Returns the messages'
   * names.
   */
  run(until?: string): readonly string[] {
    const from = this.said.length
    for (;;) {
      const role = (['client', 'server'] as const).find((one) => nextChoice(this.at[one], this.hosts[one].config) !== null)
      const choice = role && nextChoice(this.at[role], this.hosts[role].config)
      if (!role || !choice) break
      const findings = this.say(role, choice)
      if (findings.length > 0) throw new Error(`${role} ${choice.say}: ${JSON.stringify(findings)}`)
      if (choice.say === until) break
    }
    return this.said.slice(from).map(({ from: who, message }) => `${who} ${message.kind}`)
  }
}
