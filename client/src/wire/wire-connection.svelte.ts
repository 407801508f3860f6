/** The network seat's page at work: the views of one round's wire, held without gaps, and acts on it. */
import type { ErrorCode, Failure, Place } from '../../../contract/events.ts'
import type { WireAction } from '../../../protocol/round/model/action.ts'
import type { Reason } from '../../../protocol/round/model/verdict.ts'
import type { WireView } from '../../../protocol/round/view/wire-view.ts'
import { createActionId } from '../lib/action-id.ts'
import { sendRequest, RETRY_AFTER_MS, type Socket } from '../lib/socket.ts'

/** Why an act has not come about. */
export type ActFailure = { readonly reason: Reason } | { readonly error: ErrorCode; readonly retryAfter?: number }

export class WireConnection {
  #round: string | null = $state.raw(null)
  #views: readonly WireView[] = $state.raw([])
  #missed: ActFailure | null = $state.raw(null)
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket
      .on('place', ({ wire }) => this.#placed(wire))
      .on('wire', ({ round, view }) => {
        if (round !== this.#round) return
        if (view.n > this.#views.length + 1) void this.#resume()
        else this.#hold([view])
      })
  }

  get round(): string | null {
    return this.#round
  }
  get views(): readonly WireView[] {
    return this.#views
  }
  get failure(): ActFailure | null {
    return this.#missed
  }

  async act(action: WireAction): Promise<void> {
    const round = this.#round
    if (!round) return
    const id = createActionId()
    const reply = await sendRequest(this.#socket, 'wire', { round, id, seen: this.#views.length, action })
    if (round !== this.#round) return
    if (!reply.ok) return void (this.#missed = toActFailure(reply))
    this.#hold(reply.views)
    const own = reply.views.find(({ event }) => event.act?.id === id)?.event.act
    this.#missed = own?.reason ? { reason: own.reason } : null
  }

  #placed(wire: Place['wire']): void {
    if (wire?.id !== this.#round) {
      this.#round = wire?.id ?? null
      this.#views = []
      this.#missed = null
    }
    if (wire) void this.#resume()
  }

  async #resume(): Promise<void> {
    const round = this.#round
    if (!round) return
    const reply = await sendRequest(this.#socket, 'resumeWire', { round, from: this.#views.length })
    if (round !== this.#round) return
    if (reply.ok) this.#hold(reply.views)
    // A connection that breaks is told its place again.
    else if (reply.error === 'unavailable' && this.#socket.connected) setTimeout(() => void this.#resume(), RETRY_AFTER_MS)
  }

  #hold(news: readonly WireView[]): void {
    for (const view of news) if (view.n === this.#views.length + 1) this.#views = [...this.#views, view]
  }
}

const toActFailure = ({ error, retryAfter }: Failure): ActFailure => ({
  error,
  ...(retryAfter === undefined ? {} : { retryAfter }),
})
