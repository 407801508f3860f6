/** The secrets of connections as programs write them for those who debug: NSS's key log, one line each: label, client random, secret (in hex). */
import type { Bytes } from './crypto.ts'
import { hex, unhex } from '../octets.ts'

/** `CLIENT_RANDOM` is the master secret of TLS 1.2; the others are the traffic secrets of TLS 1.3. */
export const LABELS = [
  'CLIENT_RANDOM',
  'CLIENT_EARLY_TRAFFIC_SECRET',
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
] as const
export type SecretLabel = (typeof LABELS)[number]

const LINE = new RegExp(`^(${LABELS.join('|')}) ([0-9a-f]{64}) ((?:[0-9a-f]{2}){32,64})$`, 'i')

export class KeyLog {
  readonly #secrets = new Map<string, Bytes>()

  /** Takes in what a log holds. Comments, and lines that it does not know, are passed over. */
  read(log: string): void {
    for (const line of log.split('\n')) {
      const [, label, random, secret] = LINE.exec(line.trim()) ?? []
      if (label && random && secret) this.#secrets.set(key(label, random), unhex(secret))
    }
  }

  /** How many secrets it holds. */
  get size(): number {
    return this.#secrets.size
  }

  secretOf(label: SecretLabel, clientRandom: Bytes): Bytes | null {
    return this.#secrets.get(key(label, hex(clientRandom))) ?? null
  }
}

const key = (label: string, random: string): string => `${label} ${random}`.toUpperCase()

/** One line of a log. */
export const keyLogLine = (label: SecretLabel, clientRandom: Bytes, secret: Bytes): string =>
  `${label} ${hex(clientRandom)} ${hex(secret)}\n`
