/** Decrypts the records of an observed TLS connection with the secrets of a key log, and verifies Finished messages. */
import { selectedSuite } from '../tls/acceptor/content-checks.ts'
import type { Bytes, CryptoPrimitives } from '../tls/format/crypto.ts'
import { EARLY_DATA, ENCRYPT_THEN_MAC, findExtension } from '../tls/format/extensions.ts'
import type { KeyLog, SecretLabel } from '../tls/watch/key-log.ts'
import { computeFinishedMac, deriveTrafficKeys, deriveNextTrafficSecret } from '../tls/keys/key-schedule.ts'
import type { HandshakeMessage, TlsVersion } from '../tls/format/messages.ts'
import { equalOctets } from '../octets.ts'
import { deriveKeyBlock, computeVerifyData } from '../tls/keys/prf.ts'
import { type UnprotectResult, type RecordProtection, createProtection, unprotect } from '../tls/keys/protection.ts'
import type { TlsRecord } from '../tls/format/records.ts'
import type { Seat } from '../seat.ts'
import { type CipherSuite, CIPHER_SUITES } from '../tls/format/suites.ts'
import { encodeMessageHash, hashTranscript } from '../tls/keys/transcript.ts'

/** The secrets for decrypting TLS connections, and the primitives to do it with. */
export interface KeySource {
  readonly crypto: CryptoPrimitives
  readonly log: KeyLog
}

/** Longer transcripts are not kept. In octets. */
const MAX_TRANSCRIPT_OCTETS = 2 ** 18

const HANDSHAKE_SECRET: Readonly<Record<Seat, SecretLabel>> = {
  client: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  server: 'SERVER_HANDSHAKE_TRAFFIC_SECRET',
}
const APPLICATION_SECRET: Readonly<Record<Seat, SecretLabel>> = {
  client: 'CLIENT_TRAFFIC_SECRET_0',
  server: 'SERVER_TRAFFIC_SECRET_0',
}

/** Write keys of a side in TLS 1.3, and the traffic secret that they are derived from. */
interface TrafficKeys {
  readonly secret: Bytes
  readonly protection: RecordProtection
}

/** The decryption state of one observed TLS connection, TLS 1.2 or 1.3. */
export class TlsDecryptor {
  readonly #secrets: KeySource
  #transcript: Bytes[] = []
  #length = 0
  #random: Record<Seat, Bytes | null> = { client: null, server: null }
  #suite: CipherSuite | null = null
  #version: TlsVersion | null = null
  #encryptThenMac = false
  #protection: Record<Seat, RecordProtection | null> = { client: null, server: null }
  /** TLS 1.3: the traffic secrets in use. */
  #traffic: Record<Seat, Bytes | null> = { client: null, server: null }
  /** Who has sent its Finished of this handshake. */
  #finished: Record<Seat, boolean> = { client: false, server: false }
  /** Keys for the client's early data: one candidate for each suite that the ticket may belong to. */
  #early: TrafficKeys[] = []

  constructor(secrets: KeySource) {
    this.#secrets = secrets
  }

  /** Decrypts a record. Null if its keys are unknown. */
  decrypt(from: Seat, record: TlsRecord): UnprotectResult | null {
    const early = from === 'client' ? this.#openEarly(record) : null
    if (early !== null) return early
    const under = this.#protection[from]
    if (under === null) return null
    const opened = unprotect(this.#secrets.crypto, under, record)
    if (opened.ok) this.#protection[from] = opened.protection
    return opened
  }

  /** Tries to decrypt a record as early data. Null if no early key opens it: then early data is over or rejected (RFC 8446 4.2.10). */
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

  /** Whether the verify data of a Finished is right for the transcript before it. Undefined if that cannot be determined. */
  verifies(from: Seat, finished: Bytes): boolean | undefined {
    const suite = this.#suite
    if (suite === null || this.#finished[from] || this.#length > MAX_TRANSCRIPT_OCTETS) return undefined
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

  /** Updates transcript and keys after a handshake message. `octets`: the message with its header. */
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
        // A second Finished answers a CertificateRequest after the handshake, and changes no keys (RFC 8446 4.6.2).
        if (this.#version === '1.3' && !this.#finished[from]) this.#changeSecret(from, APPLICATION_SECRET[from])
        this.#finished[from] = true
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
    // A second ClientHello follows a HelloRetryRequest. At that point the suite is known, but the version is not.
    const again = this.#suite !== null && this.#version === null
    if (!again) {
      this.#transcript = []
      this.#length = 0
      this.#suite = null
      this.#version = null
      this.#finished = { client: false, server: false }
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
