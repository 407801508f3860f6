/** The live connection of the page of whoever plays the network: the round's wire, as `round-connection.svelte.ts` does for a seat. */
import type { Failure } from '../../../contract/answers.ts'
import type { WirePlace } from '../../../contract/places.ts'
import type { WireAction } from '../../../protocol/round/model/action.ts'
import type { Reason } from '../../../protocol/round/model/verdict.ts'
import type { WireView } from '../../../protocol/round/view/wire-view.ts'
import { sendRequest, type Socket } from '../lib/socket.ts'
import { readStorage, writeStorage, type PageStorage } from '../lib/storage.ts'
import { EMPTY_FEED, FeedConnection, reduceFeed, type Feed, type FeedEvent, type PendingAct } from '../lib/view-feed.ts'

type WireState = Feed<WireView, WireAction, WirePlace>

export class WireConnection {
  #state: WireState = $state.raw({ round: null, ...EMPTY_FEED })
  readonly #feed: FeedConnection<WireView, WireAction>
  readonly #storage: PageStorage

  constructor(socket: Socket, storage: PageStorage) {
    this.#storage = storage
    this.#feed = new FeedConnection({
      socket,
      read: () => this.#state,
      dispatch: (event) => this.#dispatch(event),
      resume: (body) => sendRequest(socket, 'resumeWire', body),
      send: (act) => sendRequest(socket, 'wire', act),
    })
    socket.on('place', ({ wire }) => this.#onPlace(wire)).on('wire', ({ round, view }) => this.#feed.receive(round, view))
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
  }

  #dispatch(event: FeedEvent<WireView, WireAction>): void {
    this.#state = reduceFeed(this.#state, event)
    const { round, pending } = this.#state
    if (round) writePending(this.#storage, round.id, pending)
  }

  #onPlace(round: WirePlace | null): void {
    const { state } = this
    this.#state =
      round?.id === state.round?.id
        ? { ...state, round }
        : { ...EMPTY_FEED, round, pending: round && readPending(this.#storage, round.id) }
    void this.#feed.resume()
  }
}

/** Why the last act has not come about: it could not be done at all, or the network's rules bar it. */
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
