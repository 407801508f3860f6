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
import { readRecord, type TlsRecord, RECORD_HEADER_OCTETS, splitHandshake } from '../tls/format/records.ts'
import type { Seat } from '../seat.ts'
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
}

const newDirection = (): DirectionState => ({ record: NO_OCTETS, skip: 0, message: NO_OCTETS, protects: false })

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

  /** To be called when the TCP FIN of `from` has been read. Returns a finding if TLS was not closed before it. */
  end(from: Seat): Finding | null {
    return this.#connection && judgeFin(this.#connection, from, STANDARD_TLS_RULES)
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

  #opaque(from: Seat, content: ContentType, completed: CompletedMessages): void {
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
      if (this.#isKnown(type, content)) this.#undecodable(completed, `${decoded.fault.field} of ${named ?? 'a record'}`)
      else this.#connection = null
      return
    }
    const message = decoded.value
    // Versions before TLS 1.2 have a different message order and are not judged.
    if (message.kind === 'ServerHello' && selectedVersionOf(message) === null) this.#connection = null
    const verifies = message.kind === 'Finished' ? this.#keys?.verifies(from, message.verifyData) : undefined
    this.#judge(from, message, { protected: isProtected, ...(verifies === undefined ? {} : { verifies }) }, completed)
    this.#advance(from, message, octets)
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

const OPAQUE_CONTENT: Readonly<Record<Exclude<ContentType, typeof CONTENT_TYPE.ChangeCipherSpec>, OpaqueMessage['content']>> = {
  [CONTENT_TYPE.Alert]: 'Alert',
  [CONTENT_TYPE.Handshake]: 'Handshake',
  [CONTENT_TYPE.ApplicationData]: 'ApplicationData',
}
