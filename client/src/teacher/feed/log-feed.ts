/** The log of a round that a teacher follows: requested page by page, then extended by the entries that the server sends as they are written. */
import type { Failure, Reply } from '../../../../contract/answers.ts'
import type { EventAnswer } from '../../../../contract/events.ts'
import type { Entry } from '../../../../protocol/round/model/entry.ts'
import { RETRY_AFTER_MS } from '../../lib/socket.ts'

interface LogFeedDeps {
  readonly isConnected: () => boolean
  /** Asks the server for the entries from this index, of which one reply may have only the first. */
  readonly request: (from: number) => Promise<Reply<EventAnswer<'follow'>>>
  /** Receives the log from its first entry to the one before the first gap, whenever it has grown. */
  readonly onEntries: (entries: readonly Entry[]) => void
  /** The server refuses the log. */
  readonly onFailure: (failure: Failure) => void
}

/** Keeps the log of one round complete, across connection failures. */
export class LogFeed {
  readonly #deps: LogFeedDeps
  #entries: readonly Entry[] = []
  /** The last index that the server has told of. */
  #last = -1
  /** The running `load` on the current connection. */
  #loading: object | null = null
  #retry: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(deps: LogFeedDeps) {
    this.#deps = deps
  }

  /** Requests the entries that are missing. To be called on every new connection: the server then also sends the entries to come. */
  async load(): Promise<void> {
    if (this.#loading || this.#closed || !this.#deps.isConnected()) return
    const run = {}
    this.#loading = run
    for (let more = true; more;) {
      const reply = await this.#deps.request(this.#entries.length)
      if (this.#loading !== run) return
      if (!reply.ok) {
        this.#loading = null
        if (reply.error !== 'unavailable' && reply.error !== 'too-many') return this.#deps.onFailure(reply)
        clearTimeout(this.#retry)
        this.#retry = setTimeout(() => void this.load(), RETRY_AFTER_MS)
        return
      }
      this.#append(reply.entries)
      this.#deps.onEntries(this.#entries)
      more = reply.more === true || (reply.entries.length > 0 && this.#hasGap)
    }
    this.#loading = null
  }

  /** Takes an entry that the server has sent by itself. */
  receive(entry: Entry): void {
    this.#last = Math.max(this.#last, entry.index)
    const known = this.#entries.length
    this.#append([entry])
    if (this.#entries.length > known) this.#deps.onEntries(this.#entries)
    if (this.#hasGap) void this.load()
  }

  /** The connection has broken: its replies will not come. */
  interrupt(): void {
    this.#loading = null
  }

  close(): void {
    this.#closed = true
    this.#loading = null
    clearTimeout(this.#retry)
  }

  get #hasGap(): boolean {
    return this.#entries.length <= this.#last
  }

  /** Appends those of these entries, which are in order, that continue the log. */
  #append(entries: readonly Entry[]): void {
    const next = entries.filter(({ index }) => index >= this.#entries.length)
    const count = next.findIndex(({ index }, i) => index !== this.#entries.length + i)
    this.#entries = [...this.#entries, ...(count < 0 ? next : next.slice(0, count))]
  }
}
