/** The TLS inside a captured connection: records are cut out of both streams, messages out of records, and each message is judged. */
import type { Finding } from '../findings.ts'
import { CONTENT, type Content, decodeMessage, type Layout } from '../tls/codec.ts'
import { type Connection, type Opaque, type Said, unopened } from '../tls/connection.ts'
import { type Known, suiteChosen, versionChosen } from '../tls/contents.ts'
import type { Bytes } from '../tls/crypto.ts'
import { ends, messageArrives, maySay, type Permission } from '../tls/may-say.ts'
import type { Message } from '../tls/messages.ts'
import { concat, NONE } from '../octets.ts'
import { readRecord, type Record as TlsRecord, RECORD_HEADER, splitHandshake } from '../tls/records.ts'
import { type Role, TLS } from '../tls/rules.ts'
import { type Secrets, TlsKeys } from './tls-keys.ts'

/** So many octets tell whether a stream is TLS: a record's header, and the type of the handshake message in it. */
export const TELLING = RECORD_HEADER + 1
const NEWEST_MINOR = 4

/** Does a stream that begins so begin with a hello of TLS? */
export const beginsTls = (octets: Bytes): boolean =>
  octets[0] === CONTENT.Handshake &&
  octets[1] === 3 &&
  octets[2]! <= NEWEST_MINOR &&
  (octets[RECORD_HEADER] === 1 || octets[RECORD_HEADER] === 2)

/** A handshake message of more octets is not followed. */
const MOST_MESSAGE = 2 ** 18

/** Names as Wireshark has them, by the handshake's type. */
const NAMES: { readonly [type: number]: string } = {
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
const ENCRYPTED = 'Encrypted Handshake Message'

/** What some octets complete. */
interface Completed {
  /** The handshake messages, in their order. */
  readonly names: string[]
  readonly findings: Finding[]
}

interface Side {
  /** A record that is not complete. */
  record: Bytes
  /** Octets of a record that need not be read. */
  skip: number
  /** A handshake message that is not complete. */
  message: Bytes
  /** From here on its records are protected. */
  protects: boolean
}

const side = (): Side => ({ record: NONE, skip: 0, message: NONE, protects: false })

export class TlsConversation {
  readonly #sides: Readonly<Record<Role, Side>> = { client: side(), server: side() }
  readonly #keys: TlsKeys | null
  /** Null once a message has been refused, or nothing more can be said: what follows is named, not judged. */
  #connection: Connection | null = unopened('client')
  /** The version and the key exchange that were agreed on. */
  #layout: Layout = { version: null, exchange: null }
  /** Not even records can be told from each other any more. */
  #lost = false

  constructor(secrets: Secrets | null) {
    this.#keys = secrets && new TlsKeys(secrets)
  }

  /** The next octets of what `from` sends. */
  take(from: Role, octets: Bytes): Completed {
    const completed: Completed = { names: [], findings: [] }
    const own = this.#sides[from]
    const skipped = Math.min(own.skip, octets.length)
    own.skip -= skipped
    let rest = own.record.length === 0 ? octets.subarray(skipped) : concat(own.record, octets.subarray(skipped))
    while (!this.#lost && rest.length > 0) {
      const read = readRecord(rest, 0)
      if (read.is === 'fault') {
        this.#undecodable(completed, `${read.fault.field} of a record`)
        this.#lost = true
      } else if (read.is === 'more') {
        if (!this.#passesOver(from, rest, read.needs)) break
        own.skip = read.needs - rest.length
        rest = NONE
        this.#judge(from, { is: 'Encrypted', content: 'ApplicationData' }, {}, completed)
      } else {
        this.#record(from, read.record, completed)
        rest = rest.subarray(read.next)
      }
    }
    own.record = this.#lost ? NONE : rest.slice()
    return completed
  }

  /** What follows is named only: it cannot be known what it answers. */
  judgeNoMore(): void {
    this.#connection = null
  }

  /** TCP's FIN of `from` has been read. */
  end(from: Role): Finding | null {
    return this.#connection && ends(this.#connection, from, TLS)
  }

  /** Application data that nobody can read need not be at hand. */
  #passesOver(from: Role, header: Bytes, needs: number): boolean {
    return (
      header.length >= RECORD_HEADER &&
      needs > RECORD_HEADER &&
      header[0] === CONTENT.ApplicationData &&
      !this.#keys &&
      this.#sides[from].protects
    )
  }

  #record(from: Role, record: TlsRecord, completed: Completed): void {
    // TLS 1.3 protects nothing but what looks like application data.
    const { version } = this.#layout
    const isProtected = this.#sides[from].protects && (version === '1.2' || record.content === CONTENT.ApplicationData)
    const early = from === 'client' && version === null && record.content === CONTENT.ApplicationData
    if (!isProtected && !early) {
      this.#plain(from, record.content, record.fragment, false, completed)
      return
    }
    const opened = this.#keys?.open(from, record) ?? null
    if (opened === null) this.#opaque(from, record.content, completed)
    else if (opened.ok) this.#plain(from, opened.record.content, opened.record.fragment, true, completed)
    else {
      this.#refuse(completed, { given: opened.alert, want: null, rule: version === '1.3' ? 'RFC 8446 5.2' : 'RFC 5246 6.2.3' })
      this.#opaque(from, record.content, completed)
    }
  }

  #opaque(from: Role, content: Content, completed: Completed): void {
    if (content === CONTENT.Handshake) completed.names.push(ENCRYPTED)
    if (content !== CONTENT.ChangeCipherSpec) this.#judge(from, { is: 'Encrypted', content: OPAQUE[content] }, {}, completed)
  }

  #plain(from: Role, content: Content, fragment: Bytes, isProtected: boolean, completed: Completed): void {
    if (content !== CONTENT.Handshake) {
      this.#message(from, content, fragment, isProtected, completed)
      return
    }
    const own = this.#sides[from]
    const { messages, rest } = splitHandshake(concat(own.message, fragment))
    own.message = rest.slice()
    for (const message of messages) this.#message(from, content, message.slice(), isProtected, completed)
    if (own.message.length > MOST_MESSAGE) {
      this.#undecodable(completed, 'length of a handshake message')
      own.message = NONE
    }
  }

  #message(from: Role, content: Content, octets: Bytes, isProtected: boolean, completed: Completed): void {
    const decoded = decodeMessage(content, octets, this.#layout)
    const type = octets[0] ?? -1
    const named = content === CONTENT.Handshake ? (NAMES[type] ?? `Unknown Handshake Type (${type})`) : null
    if (named !== null) completed.names.push(decoded.ok && decoded.value.is === 'HelloRetryRequest' ? 'Hello Retry Request' : named)
    if (!decoded.ok) {
      if (this.#isKnown(type, content)) this.#undecodable(completed, `${decoded.fault.field} of ${named ?? 'a record'}`)
      else this.#connection = null
      return
    }
    const message = decoded.value
    // Older versions have an order of their own.
    if (message.is === 'ServerHello' && versionChosen(message) === null) this.#connection = null
    const verifies = message.is === 'Finished' ? this.#keys?.verifies(from, message.verifyData) : undefined
    this.#judge(from, message, { protected: isProtected, ...(verifies === undefined ? {} : { verifies }) }, completed)
    this.#goOn(from, message, octets)
  }

  /** Its body has the layout that is read here: not so the key exchanges of suites that are not known. */
  #isKnown(type: number, content: Content): boolean {
    if (content !== CONTENT.Handshake) return true
    if (type === 12 || type === 16) return this.#layout.exchange !== null
    return NAMES[type] !== undefined && type !== 25
  }

  /** What the message changes for the records that follow. */
  #goOn(from: Role, message: Message, octets: Bytes): void {
    switch (message.is) {
      case 'ChangeCipherSpec':
        if (this.#layout.version !== '1.2') return
        this.#keys?.changeCipherSpec(from)
        this.#sides[from].protects = true
        return
      case 'Alert':
      case 'ApplicationData':
        return
      case 'ServerHello': {
        const suite = suiteChosen(message)
        this.#layout = { version: suite?.version ?? '1.2', exchange: suite?.exchange ?? null }
        if (suite === null) this.#connection = null
        if (suite?.version === '1.3') this.#sides.client.protects = this.#sides.server.protects = true
        break
      }
      default:
    }
    this.#keys?.said(from, message, octets)
  }

  #judge(from: Role, message: Said, known: Known, completed: Completed): void {
    if (this.#connection === null) return
    const ask = { rules: TLS, known, crossing: true }
    const permission: Permission = (from === 'client' ? maySay : messageArrives)(this.#connection, message, ask)
    this.#connection = permission.ok ? permission.connection : null
    if (!permission.ok) completed.findings.push(...permission.findings)
  }

  /** RFC 5246 7.2.2, RFC 8446 6.2: decode_error. */
  #undecodable(completed: Completed, given: string): void {
    this.#refuse(completed, { given, want: null, rule: this.#layout.version === '1.3' ? 'RFC 8446 6.2' : 'RFC 5246 7.2.2' })
  }

  #refuse(completed: Completed, finding: Pick<Finding, 'given' | 'want' | 'rule'>): void {
    if (this.#connection === null) return
    completed.findings.push({ kind: 'refusal', field: 'message', misconception: null, ...finding })
    this.#connection = null
  }
}

const OPAQUE: Readonly<Record<Exclude<Content, typeof CONTENT.ChangeCipherSpec>, Opaque['content']>> = {
  [CONTENT.Alert]: 'Alert',
  [CONTENT.Handshake]: 'Handshake',
  [CONTENT.ApplicationData]: 'ApplicationData',
}
