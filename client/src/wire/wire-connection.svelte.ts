/** The live connection of the network player's page; the counterpart of `round-connection.svelte.ts`, which serves the players of hosts. */
import type { Failure } from '../../../contract/answers.ts'
import type { ServerToClient } from '../../../contract/events.ts'
import type { WireAction } from '../../../protocol/round/model/action.ts'
import type { Reason } from '../../../protocol/round/model/verdict.ts'
import type { WireView } from '../../../protocol/round/view/wire-view.ts'
import { sendRequest, type Socket } from '../lib/socket.ts'
import { readStorage, writeStorage, type PageStorage } from '../lib/storage.ts'
import { removeUnansweredAct, writeUnansweredAct } from '../lib/unanswered-act.ts'
import { EMPTY_FEED, FeedConnection, reduceFeed, type Feed, type FeedEvent, type PendingAct } from '../lib/view-feed.ts'

interface WireState extends Feed<WireView, WireAction, { readonly id: string }> {
  readonly round: { readonly id: string }
}

/** Keeps the network player's views of one round up to date, and sends the acts. */
export class WireConnection {
  #state: WireState
  readonly #feed: FeedConnection<WireView, WireAction>
  readonly #socket: Socket
  readonly #storage: PageStorage
  readonly #resume = () => void this.#feed.resume()
  readonly #receive: ServerToClient['wire'] = ({ round, view }) => this.#feed.receive(round, view)

  /** Serves one round until `close`. The socket belongs to the student's page and stays open. `storage`: lasts as long as this tab. */
  constructor(socket: Socket, storage: PageStorage, round: string) {
    this.#socket = socket
    this.#storage = storage
    this.#state = $state.raw({ ...EMPTY_FEED, round: { id: round }, pending: readPending(storage, round) })
    this.#feed = new FeedConnection({
      socket,
      read: () => this.#state,
      dispatch: (event) => this.#dispatch(event),
      resume: (body) => sendRequest(socket, 'resumeWire', body),
      send: (act) => sendRequest(socket, 'wire', act),
    })
    // After a reconnect, the server sends the place again.
    socket.on('place', this.#resume).on('wire', this.#receive)
    this.#resume()
  }

  get state(): WireState {
    return this.#state
  }

  /** Does nothing while another act is unanswered. */
  act(action: WireAction): void {
    this.#feed.act(action)
  }

  close(): void {
    this.#feed.close()
    this.#socket.off('place', this.#resume).off('wire', this.#receive)
  }

  #dispatch(event: FeedEvent<WireView, WireAction>): void {
    this.#state = reduceFeed(this.#state, event)
    const { round, pending } = this.#state
    writePending(this.#storage, round.id, pending)
    if (pending) writeUnansweredAct(this.#storage, { kind: 'wire', act: pending })
    else removeUnansweredAct(this.#storage, round.id)
  }
}

/** Why the last act had no effect: it could not be executed at all, or the network's rules bar it. Null if it had. */
export function findFailure({ failure, views }: WireState): { readonly reason: Reason } | Failure | null {
  if (failure) return failure
  const reason = views.findLast(({ event }) => event.act)?.event.act?.reason
  return reason ? { reason } : null
}

const storageKey = (round: string) => `wire:${round}`

const readPending = (storage: PageStorage, round: string): PendingAct<WireAction> | null => {
  const text = readStorage(storage, storageKey(round))
  return text === null ? null : (JSON.parse(text) as PendingAct<WireAction>)
}

const writePending = (storage: PageStorage, round: string, pending: PendingAct<WireAction> | null): void =>
  writeStorage(storage, storageKey(round), pending && JSON.stringify(pending))
