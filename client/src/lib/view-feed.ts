/**
 * The views of one round that a page has received, for the players of hosts and of the network alike. They have no gaps; after a
 * reconnect, the page requests those after the last one. At most one act is unanswered; it is kept until its own view arrives, and
 * is sent again with the same id after a reconnect.
 */
import type { Act } from '../../../contract/events.ts'
import type { Failure, Reply } from '../../../contract/answers.ts'
import type { Action } from '../../../protocol/round/model/action.ts'
import { mergeView, type View, type ViewUpdate } from '../../../protocol/round/view/view-update.ts'
import { createActionId } from './action-id.ts'
import { RETRY_AFTER_MS, type Socket } from './socket.ts'

/** An act as it is sent; `A` is the type of the seat's actions. */
export interface PendingAct<A = Action> extends Omit<Act, 'action'> {
  readonly action: A
}

/** What a page knows of one round. `V`: the seat's views, `A`: its actions, `R`: what the page knows of the round itself. */
export interface Feed<V extends View, A extends Action, R extends { readonly id: string }> {
  /** The round that the page shows. */
  readonly round: R | null
  /** Views 1 … n of that round. */
  readonly views: readonly V[]
  /** The act that the server has not answered yet. */
  readonly pending: PendingAct<A> | null
  /** The error if the last act was not executed at all: it has no entry in the log. */
  readonly failure: Failure | null
}

/** A feed before its first view. */
export const EMPTY_FEED = { views: [], pending: null, failure: null } as const

export type FeedEvent<V extends View, A extends Action> =
  /** `asked`: the act to which these views are the reply. */
  | { readonly kind: 'views'; readonly round: string; readonly views: readonly ViewUpdate<V>[]; readonly asked?: PendingAct<A> }
  | { readonly kind: 'acted'; readonly act: PendingAct<A> }
  | { readonly kind: 'failed'; readonly id: string; readonly failure: Failure }

type Round = { readonly id: string }

/** Applies an event. Pure. Views of another round, and failures of another act, are ignored. */
export function reduceFeed<V extends View, A extends Action, F extends Feed<V, A, Round>>(feed: F, event: FeedEvent<V, A>): F {
  switch (event.kind) {
    case 'views':
      return event.round === feed.round?.id ? event.views.reduce((next, view) => addView(next, view, event.asked), feed) : feed
    case 'acted':
      return { ...feed, pending: event.act, failure: null }
    case 'failed':
      return event.id === feed.pending?.id ? { ...feed, pending: null, failure: event.failure } : feed
  }
}

/** Appends the next view. A view that the feed has already, or that would leave a gap, is ignored. */
function addView<V extends View, F extends Feed<V, Action, Round>>(feed: F, update: ViewUpdate<V>, asked?: PendingAct): F {
  const { views, pending } = feed
  if (update.n !== views.length + 1) return feed
  const view = mergeView(views.at(-1), update, asked)
  const next = { ...feed, views: [...views, view] }
  return pending && view.event.act?.id === pending.id ? { ...next, pending: null, failure: null } : next
}

/** Whether views are missing between the last one of the feed and `view`: they have to be requested. */
export const leavesGap = (feed: Feed<View, Action, Round>, round: string, view: { readonly n: number }): boolean =>
  round === feed.round?.id && view.n > feed.views.length + 1

/** `more`: further views follow the last one; they have to be requested. */
type ViewsReply<V extends View> = Promise<Reply<{ readonly views: readonly ViewUpdate<V>[]; readonly more?: true }>>

interface FeedDeps<V extends View, A extends Action> {
  readonly socket: Pick<Socket, 'connected' | 'on' | 'off'>
  /** `read` returns the current feed; `dispatch` changes it by `reduceFeed`. */
  readonly read: () => Feed<V, A, Round>
  readonly dispatch: (event: FeedEvent<V, A>) => void
  /** Asks the server for the views after number `from`, of which one reply may have only the first. */
  readonly resume: (body: { readonly round: string; readonly from: number }) => ViewsReply<V>
  readonly send: (act: PendingAct<A>) => ViewsReply<V>
  /** Calls `run` once after `ms` real ms; returns a function that cancels it. Default: the browser's timer. */
  readonly after?: (ms: number, run: () => void) => () => void
}

const browserTimer = (ms: number, run: () => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** Keeps a feed complete and delivers its pending act, across connection failures. */
export class FeedConnection<V extends View, A extends Action> {
  readonly #deps: FeedDeps<V, A>
  /** The id of the act that was sent on the current connection: it is not sent twice on it. */
  #inFlight: string | null = null
  /** The running `resume` on the current connection. */
  #resuming: object | null = null
  /** How often `resume` has been called. */
  #resumeCalls = 0
  #cancelRetry = () => {}
  #closed = false

  readonly #forgetInFlight = () => {
    this.#inFlight = null
    this.#resuming = null
  }

  constructor(deps: FeedDeps<V, A>) {
    this.#deps = deps
    deps.socket.on('disconnect', this.#forgetInFlight)
  }

  receive(round: string, view: ViewUpdate<V>): void {
    const gap = leavesGap(this.#deps.read(), round, view)
    this.#deps.dispatch({ kind: 'views', round, views: [view] })
    if (gap) void this.resume()
  }

  /** Does nothing while another act is unanswered. */
  act(action: A): void {
    const { round, views, pending } = this.#deps.read()
    if (!round || pending) return
    this.#deps.dispatch({ kind: 'acted', act: { round: round.id, id: createActionId(), seen: views.length, action } })
    void this.#send()
  }

  /** Requests the views after the last one of the feed until there are no more, then sends the pending act again. */
  async resume(): Promise<void> {
    this.#resumeCalls++
    if (this.#resuming) return // the running one asks once more
    const run = {}
    this.#resuming = run
    for (let more = true; more;) {
      const calls = this.#resumeCalls
      const { round, views } = this.#deps.read()
      if (!round || !this.#deps.socket.connected || this.#closed) break
      const reply = await this.#deps.resume({ round: round.id, from: views.length })
      if (reply.ok) this.#deps.dispatch({ kind: 'views', round: round.id, views: reply.views })
      if (this.#resuming !== run) return // the connection has broken; on the next one, `resume` is called anew
      if (!reply.ok && (reply.error === 'unavailable' || reply.error === 'too-many')) {
        this.#resuming = null
        return this.#retryLater()
      }
      more = calls !== this.#resumeCalls || (reply.ok && reply.more === true)
    }
    this.#resuming = null
    await this.#send()
  }

  close(): void {
    this.#closed = true
    this.#cancelRetry()
    this.#deps.socket.off('disconnect', this.#forgetInFlight)
  }

  async #send(): Promise<void> {
    const act = this.#deps.read().pending
    if (!act || !this.#deps.socket.connected || this.#inFlight === act.id) return
    this.#inFlight = act.id
    const reply = await this.#deps.send(act)
    if (this.#inFlight === act.id) this.#inFlight = null
    if (reply.ok) this.#deps.dispatch({ kind: 'views', round: act.round, views: reply.views, asked: act })
    else if (reply.error !== 'unavailable') this.#deps.dispatch({ kind: 'failed', id: act.id, failure: reply })
    if (reply.ok && reply.more) await this.resume()
    else if (this.#isUnanswered(act)) this.#retryLater()
  }

  /** Only while connected: after a disconnect, the next connection resumes anyway. */
  #isUnanswered({ id }: PendingAct<A>): boolean {
    return this.#deps.read().pending?.id === id && this.#deps.socket.connected
  }

  #retryLater(): void {
    if (this.#closed) return
    this.#cancelRetry()
    const { after = browserTimer } = this.#deps
    this.#cancelRetry = after(RETRY_AFTER_MS, () => void this.resume())
  }
}
