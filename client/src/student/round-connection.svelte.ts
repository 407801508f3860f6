/** The live connection of a student's page: connects the reducer of `round-state.ts` with the socket and with this tab's storage. */
import { readStoredAction } from '../../../protocol/round/model/stored-entry.ts'
import type { Place } from '../../../contract/places.ts'
import type { SeatAction } from '../../../protocol/round/model/action.ts'
import type { PlayerView } from '../../../protocol/round/view/seat-view.ts'
import { INITIAL_STATE, reduceRound, type RoundEvent, type PersistedState, type RoundState } from '../round/round-state.ts'
import { sendRequest, findFinalError, RETRY_AFTER_MS, type Socket } from '../lib/socket.ts'
import { readStorage, writeStorage, type PageStorage } from '../lib/storage.ts'
import { readUnansweredAct, removeUnansweredAct, writeUnansweredAct } from '../lib/unanswered-act.ts'
import { FeedConnection } from '../lib/view-feed.ts'
import type { FormDraft } from '../round/form-draft.ts'

/** Keeps the state of a student's page up to date, and sends the student's acts. */
export class RoundConnection {
  #state: RoundState = $state.raw(INITIAL_STATE)
  readonly socket: Socket
  readonly #feed: FeedConnection<PlayerView, SeatAction>
  readonly #storage: PageStorage
  #retry: ReturnType<typeof setTimeout> | undefined

  /** Takes ownership of the socket: `close` disconnects it. `storage`: lasts as long as this tab. */
  constructor(socket: Socket, storage: PageStorage) {
    this.socket = socket
    this.#storage = storage
    this.#feed = new FeedConnection({
      socket,
      read: () => this.#state,
      dispatch: (event) => this.#dispatch(event),
      resume: (body) => sendRequest(socket, 'resume', body),
      send: (act) => sendRequest(socket, 'act', act),
    })
    socket
      .on('connect', () => this.#dispatch({ kind: 'link', link: 'online' }))
      .on('disconnect', () => this.#onDisconnect())
      .on('connect_error', (error) => {
        const denied = findFinalError(error)
        this.#dispatch(
          denied
            ? { kind: 'denied', error: denied }
            : { kind: 'link', link: this.#state.link === 'restarting' ? 'restarting' : 'reconnecting' },
        )
      })
      .on('bye', () => this.#dispatch({ kind: 'link', link: 'restarting' }))
      .on('place', (place) => this.#onPlace(place))
      .on('partner', ({ present }) => this.#dispatch({ kind: 'partner', present }))
      .on('view', ({ round, view }) => this.#feed.receive(round, view))
  }

  get state(): RoundState {
    return this.#state
  }

  updateDraft(draft: FormDraft): void {
    this.#dispatch({ kind: 'typed', draft })
  }

  /** Does nothing while another act is unanswered. */
  act(action: SeatAction): void {
    this.#feed.act(action)
  }

  /** Leaves the round that is shown, and shows the one that the place names. */
  showNextRound(): void {
    this.#dispatch({ kind: 'next-round-shown' })
    void this.#feed.resume()
    void this.#sendLeftBehind()
  }

  /** The student has read that an act came too late. */
  dismissLate(): void {
    this.#dispatch({ kind: 'late', failure: null })
  }

  /** Raises this student's hand, or takes it down. The place then says so; without a connection nothing happens. */
  setHand(raised: boolean): void {
    if (this.socket.connected) void sendRequest(this.socket, 'hand', { raised })
  }

  /** Connects anew, with the cookies that the browser holds now. */
  reconnect(): void {
    this.socket.disconnect().connect()
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#feed.close()
    this.socket.disconnect()
  }

  #dispatch(event: RoundEvent): void {
    this.#state = reduceRound(this.#state, event, (round) => readPersisted(this.#storage, round))
    const { round, draft, pending } = this.#state
    if (!round) return
    writePersisted(this.#storage, round.id, { draft, pending })
    if (pending) writeUnansweredAct(this.#storage, { kind: 'act', act: pending })
    else removeUnansweredAct(this.#storage, round.id)
  }

  /** Sends an act again that was left unanswered in a round that is no longer shown: if it came too late, the page says so. */
  async #sendLeftBehind(): Promise<void> {
    const left = readUnansweredAct(this.#storage)
    const { round, place } = this.#state
    // What is shown sends its own act again.
    if (!left || !this.socket.connected || left.act.round === round?.id || left.act.round === place?.wire?.id) return
    const { socket } = this
    const reply = await (left.kind === 'act' ? sendRequest(socket, 'act', left.act) : sendRequest(socket, 'wire', left.act))
    if (!reply.ok && reply.error === 'unavailable') {
      clearTimeout(this.#retry)
      if (socket.connected) this.#retry = setTimeout(() => void this.#sendLeftBehind(), RETRY_AFTER_MS)
      return
    }
    removeUnansweredAct(this.#storage, left.act.round)
    if (!reply.ok) this.#dispatch({ kind: 'late', failure: reply })
  }

  #onPlace(place: Place): void {
    this.#dispatch({ kind: 'place', place })
    void this.#feed.resume()
    void this.#sendLeftBehind()
  }

  #onDisconnect(): void {
    if (this.#state.link !== 'restarting') this.#dispatch({ kind: 'link', link: 'reconnecting' })
  }
}

const storageKey = (round: string) => `round:${round}`

const readPersisted = (storage: PageStorage, round: string): PersistedState | null => {
  const text = readStorage(storage, storageKey(round))
  if (text === null) return null
  const kept = JSON.parse(text) as PersistedState
  // An earlier version of the page may have stored it in an older form.
  return kept.pending ? { ...kept, pending: { ...kept.pending, action: readStoredAction(kept.pending.action) } } : kept
}

const writePersisted = (storage: PageStorage, round: string, kept: PersistedState): void =>
  writeStorage(storage, storageKey(round), JSON.stringify(kept))
