/**
 * The NSS key log format, in which programs log the secrets of their connections for debugging. Each line has a label, the client random and
 * the secret, the last two in hex.
 */
import { toHex, fromHex } from '../../octets.ts'
import type { Bytes } from '../format/crypto.ts'
import type { TlsEndpoint } from '../endpoint/endpoint.ts'
import type { Seat } from '../../seat.ts'

/** `CLIENT_RANDOM` is the master secret of TLS 1.2; the others are the traffic secrets of TLS 1.3. */
export const KEY_LOG_LABELS = [
  'CLIENT_RANDOM',
  'CLIENT_EARLY_TRAFFIC_SECRET',
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
] as const
export type SecretLabel = (typeof KEY_LOG_LABELS)[number]

const LINE_PATTERN = new RegExp(`^(${KEY_LOG_LABELS.join('|')}) ([0-9a-f]{64}) ((?:[0-9a-f]{2}){32,64})$`, 'i')

/** The secrets of any number of key logs, by label and client random. */
export class KeyLog {
  readonly #secrets = new Map<string, Bytes>()

  /** Adds the secrets of a log. Comments and unknown lines are ignored. */
  read(log: string): void {
    for (const line of log.split('\n')) {
      const [, label, random, secret] = LINE_PATTERN.exec(line.trim()) ?? []
      if (label && random && secret) this.#secrets.set(lookupKey(label, random), fromHex(secret))
    }
  }

  /** The number of secrets. */
  get size(): number {
    return this.#secrets.size
  }

  secretOf(label: SecretLabel, clientRandom: Bytes): Bytes | null {
    return this.#secrets.get(lookupKey(label, toHex(clientRandom))) ?? null
  }
}

const lookupKey = (label: string, random: string): string => `${label} ${random}`.toUpperCase()

/** One line of a log, without line terminator. The random and the secret are in hex. */
export const formatKeyLogLine = (label: SecretLabel, clientRandom: string, secret: string): string =>
  `${label} ${clientRandom} ${secret}`

/** The lines for decrypting a capture of this connection. 1.3 has two secrets per side; the second exists after the server's Finished. */
export function formatKeyLog({ connection, randoms, secrets }: TlsEndpoint): readonly string[] {
  const line = (label: SecretLabel, secret: string) => formatKeyLogLine(label, randoms.client, secret)
  if (connection.version === '1.2') return secrets.master === null ? [] : [line('CLIENT_RANDOM', secrets.master)]
  const { handshakeTraffic, traffic } = secrets
  if (handshakeTraffic === null) return []
  const lines = (stage: 'HANDSHAKE_TRAFFIC_SECRET' | 'TRAFFIC_SECRET_0', of: Readonly<Record<Seat, string>>) => [
    line(`CLIENT_${stage}`, of.client),
    line(`SERVER_${stage}`, of.server),
  ]
  return [...lines('HANDSHAKE_TRAFFIC_SECRET', handshakeTraffic), ...(traffic === null ? [] : lines('TRAFFIC_SECRET_0', traffic))]
}
