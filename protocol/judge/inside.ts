/** What a captured connection carries: nothing that is followed here, or TLS, once the first octets of either side have shown it. */
import type { Finding } from '../findings.ts'
import { FIN, has, type Segment, SYN } from '../segment.ts'
import { add } from '../seq.ts'
import { concat, NONE } from '../octets.ts'
import { peerOf, type Role } from '../tls/rules.ts'
import { Stream } from './stream.ts'
import { beginsTls, TELLING, TlsConversation } from './tls.ts'
import type { Secrets } from './tls-keys.ts'

/** What a segment of TLS completes. */
export interface Carried {
  /** The handshake messages, in their order. */
  readonly names: readonly string[]
  readonly findings: readonly Finding[]
}

export class Inside {
  readonly #streams: Readonly<Record<Role, Stream>> = { client: new Stream(), server: new Stream() }
  readonly #secrets: Secrets | null
  /** What each side has said before enough was there to tell. */
  readonly #head: Record<Role, Uint8Array> = { client: NONE, server: NONE }
  #tls: TlsConversation | null = null
  /** A side has read what was not captured: what it says from then on may answer that. */
  #lacking = false
  /** It is not TLS, or it cannot be followed any further. */
  over = false

  constructor(secrets: Secrets | null) {
    this.#secrets = secrets
  }

  /** A segment that was accepted. `captured`: its payload, as much as there is of it. Null where it completes nothing and breaks nothing. */
  take(from: Role, { bits, seq, ack, length }: Segment, captured: Uint8Array): Carried | null {
    const stream = this.#streams[from]
    const first = has(bits, SYN) ? add(seq, 1) : seq
    if (has(bits, SYN)) stream.begin(first)
    if (ack !== null && !this.#lacking && this.#streams[peerOf(from)].lacks(ack)) {
      this.#lacking = true
      this.#tls?.judgeNoMore()
    }
    const names: string[] = []
    const findings: Finding[] = []
    if (length > 0) {
      for (const octets of stream.take(first, captured, captured.length === length)) {
        const completed = this.#read(from, octets)
        if (completed === null) continue
        names.push(...completed.names)
        findings.push(...completed.findings)
      }
      if (stream.broken) this.over = true
    }
    if (has(bits, FIN) && this.#tls && stream.isAt(add(first, length))) {
      const unannounced = this.#tls.end(from)
      if (unannounced) findings.push(unannounced)
    }
    return names.length + findings.length > 0 ? { names, findings } : null
  }

  #read(from: Role, octets: Uint8Array): Carried | null {
    if (this.over) return null
    if (this.#tls) return this.#tls.take(from, octets)
    const head = this.#head[from].length === 0 ? octets : concat(this.#head[from], octets)
    this.#head[from] = head
    if (head.length < TELLING) return null
    if (!beginsTls(head)) {
      this.over = true
      return null
    }
    this.#tls = new TlsConversation(this.#secrets)
    if (this.#lacking) this.#tls.judgeNoMore()
    return this.#tls.take(from, head)
  }
}
