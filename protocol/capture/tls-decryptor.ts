/** The keys of a TLS connection that is being watched, from a key log: which records they open, and whether a Finished verifies. */
import { selectedSuite } from '../tls/acceptor/content-checks.ts'
import type { Bytes, CryptoPrimitives } from '../tls/format/crypto.ts'
import { EARLY_DATA, ENCRYPT_THEN_MAC, findExtension } from '../tls/format/extensions.ts'
import type { KeyLog, SecretLabel } from '../tls/watch/key-log.ts'
import { computeFinishedMac, deriveTrafficKeys, deriveNextTrafficSecret } from '../tls/keys/key-schedule.ts'
import type { HandshakeMessage, TlsVersion } from '../tls/format/messages.ts'
import { equalOctets } from '../octets.ts'
import { deriveKeyBlock, computeVerifyData } from '../tls/keys/prf.ts'
import { type UnprotectResult, type RecordProtection, createProtection, unprotect } from '../tls/keys/protection.ts'
import type { TlsRecord as TlsRecord } from '../tls/format/records.ts'
import type { Seat } from '../seat.ts'
import { type CipherSuite, CIPHER_SUITES } from '../tls/format/suites.ts'
import { encodeMessageHash, hashTranscript } from '../tls/keys/transcript.ts'

export interface KeySource {
  readonly crypto: CryptoPrimitives
  readonly log: KeyLog
}

/** A transcript of more octets is not kept. */
const MAX_TRANSCRIPT_OCTETS = 2 ** 18

const HANDSHAKE_SECRET: Readonly<Record<Seat, SecretLabel>> = {
  client: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  server: 'SERVER_HANDSHAKE_TRAFFIC_SECRET',
}
const APPLICATION_SECRET: Readonly<Record<Seat, SecretLabel>> = {
  client: 'CLIENT_TRAFFIC_SECRET_0',
  server: 'SERVER_TRAFFIC_SECRET_0',
}

/** What a side writes with in 1.3: the keys, and the secret that they come from. */
interface TrafficKeys {
  readonly secret: Bytes
  readonly protection: RecordProtection
}

export class TlsDecryptor {
  readonly #secrets: KeySource
  #transcript: Bytes[] = []
  #length = 0
  #random: Record<Seat, Bytes | null> = { client: null, server: null }
  #suite: CipherSuite | null = null
  #version: TlsVersion | null = null
  #encryptThenMac = false
  #protection: Record<Seat, RecordProtection | null> = { client: null, server: null }
  /** Of 1.3: the traffic secrets that are in use. */
  #traffic: Record<Seat, Bytes | null> = { client: null, server: null }
  /** The client's early data, under each suite that may be the ticket's. */
  #early: TrafficKeys[] = []

  constructor(secrets: KeySource) {
    this.#secrets = secrets
  }

  /** The record in the clear; null where its keys are not known. */
  decrypt(from: Seat, record: TlsRecord): UnprotectResult | null {
    const early = from === 'client' ? this.#openEarly(record) : null
    if (early !== null) return early
    const under = this.#protection[from]
    if (under === null) return null
    const opened = unprotect(this.#secrets.crypto, under, record)
    if (opened.ok) this.#protection[from] = opened.protection
    return opened
  }

  /** What does not open under the keys of early data is no early data: the server has not taken it (RFC 8446 4.2.10). */
  #openEarly(record: TlsRecord): UnprotectResult | null {
    for (const { secret, protection } of this.#early) {
      const opened = unprotect(this.#secrets.crypto, protection, record)
      if (!opened.ok) continue
      this.#early = [{ secret, protection: opened.protection }]
      return opened
    }
    if (this.#protection.client !== null) this.#early = []
    return null
  }

  /** Does this Finished hold what the transcript before it gives? Undefined where that cannot be known. */
  verifies(from: Seat, finished: Bytes): boolean | undefined {
    const suite = this.#suite
    if (suite === null || this.#length > MAX_TRANSCRIPT_OCTETS) return undefined
    const { crypto } = this.#secrets
    const hash = hashTranscript(crypto, suite.hash, this.#transcript)
    if (this.#version === '1.3') {
      const secret = this.#traffic[from]
      return secret ? equalOctets(computeFinishedMac(crypto, suite.hash, secret, hash), finished) : undefined
    }
    const master = this.#secretOf('CLIENT_RANDOM')
    return master ? equalOctets(computeVerifyData(crypto, suite, master, from, hash), finished) : undefined
  }

  /** TLS 1.2: from here on, messages of `from` are protected with the newly negotiated keys. */
  changeCipherSpec(from: Seat): void {
    const { client, server } = this.#random
    if (this.#version !== '1.2') return
    const master = this.#secretOf('CLIENT_RANDOM')
    this.#protection[from] =
      master && client && server && this.#suite
        ? createProtection(
            this.#suite,
            deriveKeyBlock(this.#secrets.crypto, this.#suite, master, { client, server })[from],
            this.#encryptThenMac,
          )
        : null
  }

  /** A handshake message has been said; `octets` are its own, with its header. */
  noteMessage(from: Seat, message: HandshakeMessage, octets: Bytes): void {
    switch (message.kind) {
      case 'HelloRequest':
        return
      case 'KeyUpdate':
        this.#update(from)
        return
      case 'NewSessionTicket':
        if (this.#version === '1.2') this.#add(octets)
        return
      case 'ClientHello':
        this.#clientHello(message, octets)
        return
      case 'HelloRetryRequest':
        this.#suite = selectedSuite(message)
        if (this.#suite)
          this.#transcript = this.#transcript.map((hello) => encodeMessageHash(this.#secrets.crypto, this.#suite!.hash, hello))
        this.#add(octets)
        this.#early = []
        return
      case 'ServerHello':
        this.#add(octets)
        this.#random.server = message.random
        this.#suite = selectedSuite(message)
        this.#version = this.#suite?.version ?? null
        this.#encryptThenMac = findExtension(message.extensions, ENCRYPT_THEN_MAC) !== null
        if (this.#version === '1.3')
          for (const side of ['client', 'server'] as const) this.#changeSecret(side, HANDSHAKE_SECRET[side])
        return
      case 'Finished':
        this.#add(octets)
        if (this.#version === '1.3') this.#changeSecret(from, APPLICATION_SECRET[from])
        return
      case 'EndOfEarlyData':
        this.#add(octets)
        this.#early = []
        return
      default:
        this.#add(octets)
    }
  }

  #clientHello(message: Extract<HandshakeMessage, { readonly kind: 'ClientHello' }>, octets: Bytes): void {
    // The second of a handshake follows a HelloRetryRequest: then a suite is known, and not yet the version.
    const again = this.#suite !== null && this.#version === null
    if (!again) {
      this.#transcript = []
      this.#length = 0
      this.#suite = null
      this.#version = null
    }
    this.#add(octets)
    this.#random.client = message.random
    const secret = this.#secretOf('CLIENT_EARLY_TRAFFIC_SECRET')
    if (again || secret === null || findExtension(message.extensions, EARLY_DATA) === null) return
    const suites = CIPHER_SUITES.filter(({ number, version }) => version === '1.3' && message.suites.includes(number))
    this.#early = suites
      .filter(({ hash }) => this.#secrets.crypto.hash(hash, secret).length === secret.length)
      .map((suite) => ({ secret, protection: createProtection(suite, deriveTrafficKeys(this.#secrets.crypto, suite, secret)) }))
  }

  #changeSecret(side: Seat, label: SecretLabel): void {
    this.#protectUnder(side, this.#secretOf(label))
  }

  /** RFC 8446 4.6.3 */
  #update(side: Seat): void {
    const secret = this.#traffic[side]
    if (secret && this.#suite) this.#protectUnder(side, deriveNextTrafficSecret(this.#secrets.crypto, this.#suite, secret))
  }

  #protectUnder(side: Seat, secret: Bytes | null): void {
    this.#traffic[side] = secret
    const suite = this.#suite
    this.#protection[side] =
      secret && suite ? createProtection(suite, deriveTrafficKeys(this.#secrets.crypto, suite, secret)) : null
  }

  #secretOf(label: SecretLabel): Bytes | null {
    const { client } = this.#random
    return client && this.#secrets.log.secretOf(label, client)
  }

  #add(octets: Bytes): void {
    this.#length += octets.length
    if (this.#length <= MAX_TRANSCRIPT_OCTETS) this.#transcript.push(octets)
  }
}
