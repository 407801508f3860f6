/** Follows TLS in a captured connection: splits both streams into records and messages, and judges each message. */
import type { Finding } from '../findings.ts'
import { CONTENT_TYPE, type ContentType, decodeMessage, type MessageLayout } from '../tls/format/codec.ts'
import { type TlsConnection, type OpaqueMessage, type ObservedMessage, createConnection } from '../tls/acceptor/connection.ts'
import { type CryptoResults, selectedSuite, selectedVersionOf } from '../tls/acceptor/content-checks.ts'
import type { Bytes } from '../tls/format/crypto.ts'
import {
  judgeFin,
  mayReceiveMessage,
  maySendMessage,
  type MessageContext,
  type MessagePermission,
} from '../tls/acceptor/judge-message.ts'
import type { TlsMessage } from '../tls/format/messages.ts'
import { concat, NO_OCTETS } from '../octets.ts'
import { MAX_PLAINTEXT_OCTETS, readRecord, type TlsRecord, RECORD_HEADER_OCTETS, splitHandshake } from '../tls/format/records.ts'
import { peerOf, type Seat } from '../seat.ts'
import { STANDARD_TLS_RULES } from '../tls/keys/rules.ts'
import { type KeySource, TlsDecryptor } from './tls-decryptor.ts'

/** Octets needed to recognise TLS: record header and handshake type. */
export const TLS_DETECTION_OCTETS = RECORD_HEADER_OCTETS + 1
const MAX_RECORD_MINOR_VERSION = 4

/** Whether these first octets are the beginning of a ClientHello or ServerHello. */
export const beginsTls = (octets: Bytes): boolean =>
  octets[0] === CONTENT_TYPE.Handshake &&
  octets[1] === 3 &&
  octets[2]! <= MAX_RECORD_MINOR_VERSION &&
  (octets[RECORD_HEADER_OCTETS] === 1 || octets[RECORD_HEADER_OCTETS] === 2)

/** Longer handshake messages are not followed. In octets. */
const MAX_HANDSHAKE_MESSAGE_OCTETS = 2 ** 18

/** Wireshark's names of the handshake messages, by their type. */
const WIRESHARK_NAMES: { readonly [type: number]: string } = {
  0: 'Hello Request',
  1: 'Client Hello',
  2: 'Server Hello',
  4: 'New Session Ticket',
  5: 'End of Early Data',
  8: 'Encrypted Extensions',
  11: 'Certificate',
  12: 'Server Key Exchange',
  13: 'Certificate Request',
  14: 'Server Hello Done',
  15: 'Certificate Verify',
  16: 'Client Key Exchange',
  20: 'Finished',
  21: 'Certificate URL',
  22: 'Certificate Status',
  23: 'Supplemental Data',
  24: 'Key Update',
  25: 'Compressed Certificate',
  67: 'Encrypted Extensions',
}
const ENCRYPTED_MESSAGE_NAME = 'Encrypted Handshake Message'

/** The messages that are completed by the octets of a segment. */
interface CompletedMessages {
  /** The names of the handshake messages, in order. */
  readonly names: string[]
  readonly findings: Finding[]
}

interface DirectionState {
  /** The beginning of a record that is not yet complete. */
  record: Bytes
  /** How many of the next octets to skip, because they belong to a record that need not be read. */
  skip: number
  /** The beginning of a handshake message that is not yet complete. */
  message: Bytes
  /** Whether the following records of this side are protected. */
  protects: boolean
  /** It has sent a ChangeCipherSpec although the version is unknown, because the other direction was not captured. */
  mayProtect: boolean
  /** It has sent an alert that cannot be read, which may be fatal and end the connection. */
  hiddenAlert: boolean
}

const newDirection = (): DirectionState => ({
  record: NO_OCTETS,
  skip: 0,
  message: NO_OCTETS,
  protects: false,
  mayProtect: false,
  hiddenAlert: false,
})

/** The content type of heartbeats (RFC 6520 2). They are neither read nor judged. */
const HEARTBEAT = 24
/** Extensions: application_settings, with which a client sends EncryptedExtensions (draft-vvv-tls-alps), and RFC 8446 4.2.6. */
const APPLICATION_SETTINGS: readonly number[] = [17_513, 17_613]
const POST_HANDSHAKE_AUTH = 49
/** The version of TLS 1.3, which never stands in a record's header, and the high octet of the versions of its drafts. */
const VERSION_1_3 = 0x0304
const DRAFT_VERSION = 0x7f

/** Follows one TLS connection in both directions. */
export class TlsFollower {
  readonly #sides: Readonly<Record<Seat, DirectionState>> = { client: newDirection(), server: newDirection() }
  readonly #keys: TlsDecryptor | null
  /** Null once a message has been refused or judging is no longer possible: later messages are named, not judged. */
  #connection: TlsConnection | null = createConnection('client')
  /** The negotiated version and key exchange. */
  #layout: MessageLayout = { version: null, exchange: null }
  /** A record could not be parsed, so the boundaries of the following records are unknown. */
  #unparseable = false

  constructor(secrets: KeySource | null) {
    this.#keys = secrets && new TlsDecryptor(secrets)
  }

  /** Processes the next octets that `from` sends. */
  take(from: Seat, octets: Bytes): CompletedMessages {
    const completed: CompletedMessages = { names: [], findings: [] }
    const own = this.#sides[from]
    const skipped = Math.min(own.skip, octets.length)
    own.skip -= skipped
    let rest = own.record.length === 0 ? octets.subarray(skipped) : concat(own.record, octets.subarray(skipped))
    while (!this.#unparseable && rest.length > 0) {
      if (rest[0] === HEARTBEAT) {
        if (rest.length < RECORD_HEADER_OCTETS) break
        const needs = RECORD_HEADER_OCTETS + (rest[3]! << 8) + rest[4]!
        own.skip = Math.max(0, needs - rest.length)
        rest = rest.subarray(needs)
        // It counts among the protected records, so that those after it cannot be decrypted any more.
        if (this.#keys && own.protects) this.stopJudging()
        continue
      }
      const read = readRecord(rest, 0)
      if (read.kind === 'fault') {
        this.#undecodable(completed, `${read.fault.field} of a record`)
        this.#unparseable = true
      } else if (read.kind === 'more') {
        if (!this.#canSkip(from, rest, read.needs)) break
        own.skip = read.needs - rest.length
        rest = NO_OCTETS
        this.#judge(from, { kind: 'Encrypted', content: 'ApplicationData' }, {}, completed)
      } else {
        this.#record(from, read.record, completed)
        rest = rest.subarray(read.next)
      }
    }
    own.record = this.#unparseable ? NO_OCTETS : rest.slice()
    return completed
  }

  /** Stops judging: later messages are only named, because the messages that they answer are unknown. */
  stopJudging(): void {
    this.#connection = null
  }

  /**
   * To be called when the TCP FIN of `from` has been read. Returns a finding if TLS was not closed before it; null if that is unknown: before
   * the ServerHello no version has been agreed on, and an alert that cannot be read may have ended the connection (RFC 5246 7.2.2).
   */
  end(from: Seat): Finding | null {
    if (this.#connection === null || this.#layout.version === null || this.#sides[peerOf(from)].hiddenAlert) return null
    const finding = judgeFin(this.#connection, from, STANDARD_TLS_RULES)
    if (finding !== null) this.#connection = null
    return finding
  }

  /** Whether the record can be skipped: application data without keys need not be buffered. `needs`: octets of the record. */
  #canSkip(from: Seat, header: Bytes, needs: number): boolean {
    return (
      header.length >= RECORD_HEADER_OCTETS &&
      needs > RECORD_HEADER_OCTETS &&
      header[0] === CONTENT_TYPE.ApplicationData &&
      !this.#keys &&
      this.#sides[from].protects
    )
  }

  #record(from: Seat, record: TlsRecord, completed: CompletedMessages): void {
    // In TLS 1.3 every protected record has the content type of application data.
    const { version } = this.#layout
    const own = this.#sides[from]
    if (version === null && own.mayProtect && record.content === CONTENT_TYPE.Handshake && !beginsWithHello(record.fragment)) {
      this.stopJudging()
      return
    }
    const fault = this.#recordFault(from, record)
    if (fault !== null) {
      this.#refuse(completed, fault)
      if (record.fragment.length === 0) return
    }
    const isProtected = this.#sides[from].protects && (version === '1.2' || record.content === CONTENT_TYPE.ApplicationData)
    const early = from === 'client' && version === null && record.content === CONTENT_TYPE.ApplicationData
    if (!isProtected && !early) {
      this.#plain(from, record.content, record.fragment, false, completed)
      return
    }
    const opened = this.#keys?.decrypt(from, record) ?? null
    if (opened === null) this.#opaque(from, record.content, completed)
    else if (opened.ok) this.#plain(from, opened.record.content, opened.record.fragment, true, completed)
    else {
      this.#refuse(completed, { given: opened.alert, want: null, rule: version === '1.3' ? 'RFC 8446 5.2' : 'RFC 5246 6.2.3' })
      this.#opaque(from, record.content, completed)
    }
  }

  /** What is wrong with a record itself, whatever it carries; null if nothing is (RFC 5246 6.2.1 and 7.1, RFC 8446 5.1). */
  #recordFault(from: Seat, { content, version, fragment }: TlsRecord): Pick<Finding, 'given' | 'want' | 'rule'> | null {
    const is13 = this.#layout.version === '1.3'
    const own = this.#sides[from]
    const inClear = is13 ? content !== CONTENT_TYPE.ApplicationData : !own.protects
    const rule = is13 ? 'RFC 8446 5.1' : 'RFC 5246 6.2.1'
    if (version === VERSION_1_3) return { given: '0x0304 as the version of a record', want: '0x0303', rule: 'RFC 8446 5.1' }
    if (fragment.length === 0 && content !== CONTENT_TYPE.ApplicationData)
      return { given: 'a record without content', want: null, rule }
    if (inClear && fragment.length > MAX_PLAINTEXT_OCTETS)
      return { given: `${fragment.length} octets in a record`, want: `${MAX_PLAINTEXT_OCTETS}`, rule }
    // A ChangeCipherSpec of one octet is not encrypted: a second one, although the first has put the new keys in force.
    if (!is13 && own.protects && content === CONTENT_TYPE.ChangeCipherSpec && fragment.length === 1)
      return { given: 'ChangeCipherSpec', want: null, rule: 'RFC 5246 7.1' }
    if (
      own.message.length > 0 &&
      (content === CONTENT_TYPE.ChangeCipherSpec || (is13 && content !== CONTENT_TYPE.Handshake && !own.protects))
    )
      return { given: 'a record of another type inside a handshake message', want: null, rule }
    return null
  }

  #opaque(from: Seat, content: ContentType, completed: CompletedMessages): void {
    if (content === CONTENT_TYPE.Alert) this.#sides[from].hiddenAlert = true
    if (content === CONTENT_TYPE.Handshake) completed.names.push(ENCRYPTED_MESSAGE_NAME)
    if (content !== CONTENT_TYPE.ChangeCipherSpec)
      this.#judge(from, { kind: 'Encrypted', content: OPAQUE_CONTENT[content] }, {}, completed)
  }

  #plain(from: Seat, content: ContentType, fragment: Bytes, isProtected: boolean, completed: CompletedMessages): void {
    if (content !== CONTENT_TYPE.Handshake) {
      this.#message(from, content, fragment, isProtected, completed)
      return
    }
    const own = this.#sides[from]
    const { messages, rest } = splitHandshake(concat(own.message, fragment))
    own.message = rest.slice()
    for (const message of messages) this.#message(from, content, message.slice(), isProtected, completed)
    if (own.message.length > MAX_HANDSHAKE_MESSAGE_OCTETS) {
      this.#undecodable(completed, 'length of a handshake message')
      own.message = NO_OCTETS
    }
  }

  #message(from: Seat, content: ContentType, octets: Bytes, isProtected: boolean, completed: CompletedMessages): void {
    const decoded = decodeMessage(content, octets, this.#layout)
    const type = octets[0] ?? -1
    const named = content === CONTENT_TYPE.Handshake ? (WIRESHARK_NAMES[type] ?? `Unknown Handshake Type (${type})`) : null
    if (named !== null)
      completed.names.push(decoded.ok && decoded.value.kind === 'HelloRetryRequest' ? 'Hello Retry Request' : named)
    if (!decoded.ok) {
      if (this.#isKnown(type, content) && !isDraftHello(octets))
        this.#undecodable(completed, `${decoded.fault.field} of ${named ?? 'a record'}`)
      else this.#connection = null
      return
    }
    const message = decoded.value
    if (this.#isBeyondJudging(from, message)) this.stopJudging()
    // Versions before TLS 1.2 have a different message order and are not judged.
    if (message.kind === 'ServerHello' && selectedVersionOf(message) === null) this.#connection = null
    const verifies = message.kind === 'Finished' ? this.#keys?.verifies(from, message.verifyData) : undefined
    this.#judge(from, message, { protected: isProtected, ...(verifies === undefined ? {} : { verifies }) }, completed)
    this.#advance(from, message, octets)
  }

  /** Messages of extensions that are understood no further: application settings, and authentication after the handshake (RFC 8446 4.6.2). */
  #isBeyondJudging(from: Seat, { kind }: TlsMessage): boolean {
    const offered = this.#connection?.offer?.extensions ?? []
    if (from === 'client' && kind === 'EncryptedExtensions') return APPLICATION_SETTINGS.some((type) => offered.includes(type))
    return kind === 'CertificateRequest' && this.#connection?.finished.server === true && offered.includes(POST_HANDSHAKE_AUTH)
  }

  /** Whether the layout of the message's body is known. For key exchange messages it depends on the suite. */
  #isKnown(type: number, content: ContentType): boolean {
    if (content !== CONTENT_TYPE.Handshake) return true
    if (type === 12 || type === 16) return this.#layout.exchange !== null
    return WIRESHARK_NAMES[type] !== undefined && type !== 25
  }

  /** Updates the state that the interpretation of later records depends on. */
  #advance(from: Seat, message: TlsMessage, octets: Bytes): void {
    switch (message.kind) {
      case 'ChangeCipherSpec':
        if (this.#layout.version === null) this.#sides[from].mayProtect = true
        if (this.#layout.version !== '1.2') return
        this.#keys?.changeCipherSpec(from)
        this.#sides[from].protects = true
        return
      case 'Alert':
      case 'ApplicationData':
        return
      case 'ServerHello': {
        const suite = selectedSuite(message)
        this.#layout = { version: suite?.version ?? '1.2', exchange: suite?.exchange ?? null }
        if (suite === null) this.#connection = null
        if (suite?.version === '1.3') this.#sides.client.protects = this.#sides.server.protects = true
        break
      }
      default:
    }
    this.#keys?.noteMessage(from, message, octets)
  }

  #judge(from: Seat, message: ObservedMessage, known: CryptoResults, completed: CompletedMessages): void {
    if (this.#connection === null) return
    const ask: MessageContext = { rules: STANDARD_TLS_RULES, cryptoResults: known, crossing: true }
    const permission: MessagePermission = (from === 'client' ? maySendMessage : mayReceiveMessage)(this.#connection, message, ask)
    this.#connection = permission.ok ? permission.connection : null
    if (!permission.ok) completed.findings.push(...permission.findings)
  }

  /** Reports octets that cannot be decoded: decode_error (RFC 5246 7.2.2, RFC 8446 6.2). */
  #undecodable(completed: CompletedMessages, given: string): void {
    this.#refuse(completed, { given, want: null, rule: this.#layout.version === '1.3' ? 'RFC 8446 6.2' : 'RFC 5246 7.2.2' })
  }

  #refuse(completed: CompletedMessages, finding: Pick<Finding, 'given' | 'want' | 'rule'>): void {
    if (this.#connection === null) return
    completed.findings.push({ kind: 'refusal', field: 'message', misconception: null, ...finding })
    this.#connection = null
  }
}

/** Whether the fragment of a handshake record begins with a ClientHello or ServerHello. */
const beginsWithHello = (fragment: Bytes): boolean => fragment[0] === 1 || fragment[0] === 2

/** A ServerHello of a draft of TLS 1.3, whose layout differed. */
const isDraftHello = (octets: Bytes): boolean => octets[0] === 2 && octets[4] === DRAFT_VERSION

const OPAQUE_CONTENT: Readonly<Record<Exclude<ContentType, typeof CONTENT_TYPE.ChangeCipherSpec>, OpaqueMessage['content']>> = {
  [CONTENT_TYPE.Alert]: 'Alert',
  [CONTENT_TYPE.Handshake]: 'Handshake',
  [CONTENT_TYPE.ApplicationData]: 'ApplicationData',
}
