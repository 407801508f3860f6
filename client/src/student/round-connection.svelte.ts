/** A student's page at work: the store of `round.ts` joined to the socket and to what this tab keeps. */
import { readStoredAction } from '../../../protocol/round/model/stored-entry.ts'
import type { Act, Place } from '../../../contract/events.ts'
import type { SeatAction } from '../../../protocol/round/model/action.ts'
import { createActionId } from '../lib/action-id.ts'
import {
  leavesGap,
  INITIAL_STATE,
  reduceRound,
  type RoundEvent,
  type PersistedState,
  type RoundState,
} from '../round/round-state.ts'
import { sendRequest, findFinalError, openSocket, RETRY_AFTER_MS } from '../lib/socket.ts'
import { readStorage, writeStorage } from '../lib/storage.ts'
import type { FormDraft } from '../round/form-draft.ts'
import { WireConnection } from '../wire/wire-connection.svelte.ts'

export class RoundConnection {
  #state: RoundState = $state.raw(INITIAL_STATE)
  readonly #socket
  /** Of whoever has the wire of a round. */
  readonly wire: WireConnection
  /** The act on its way in this very connection: it is not sent twice. */
  #sending: string | null = null
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(participant: string) {
    this.#socket = openSocket({ participant })
    this.wire = new WireConnection(this.#socket)
    this.#socket
      .on('connect', () => this.#take({ kind: 'link', link: 'online' }))
      .on('disconnect', () => this.#lost())
      .on('connect_error', (error) => {
        const denied = findFinalError(error)
        this.#take(
          denied
            ? { kind: 'denied', error: denied }
            : { kind: 'link', link: this.#state.link === 'restarting' ? 'restarting' : 'reconnecting' },
        )
      })
      .on('bye', () => this.#take({ kind: 'link', link: 'restarting' }))
      .on('place', (place) => this.#placed(place))
      .on('partner', ({ present }) => this.#take({ kind: 'partner', present }))
      .on('view', ({ round, view }) => {
        const gap = leavesGap(this.#state, round, view)
        this.#take({ kind: 'views', round, views: [view] })
        if (gap) void this.#resume()
      })
  }

  get state(): RoundState {
    return this.#state
  }

  updateDraft(draft: FormDraft): void {
    this.#take({ kind: 'typed', draft })
  }

  /** Does nothing while another act is on its way. */
  act(action: SeatAction): void {
    const { round, views, pending } = this.#state
    if (!round || pending) return
    this.#take({ kind: 'acted', act: { round: round.id, id: createActionId(), seen: views.length, action } })
    void this.#send()
  }

  /** Leaves the round on show for the one that the place names. */
  showNextRound(): void {
    this.#take({ kind: 'gone-on' })
    void this.#resume()
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#socket.disconnect()
  }

  #take(happening: RoundEvent): void {
    this.#state = reduceRound(this.#state, happening, readPersisted)
    const { round, draft, pending } = this.#state
    if (round) writePersisted(round.id, { draft, pending })
  }

  #placed(place: Place): void {
    this.#take({ kind: 'place', place })
    void this.#resume()
  }

  #lost(): void {
    this.#sending = null
    if (this.#state.link !== 'restarting') this.#take({ kind: 'link', link: 'reconnecting' })
  }

  /** Asks for the views after the last one held, then sends what has not been answered. */
  async #resume(): Promise<void> {
    const { round, views } = this.#state
    if (!round || !this.#socket.connected) return
    const reply = await sendRequest(this.#socket, 'resume', { round: round.id, from: views.length })
    if (reply.ok) this.#take({ kind: 'views', round: round.id, views: reply.views })
    else if (reply.error === 'unavailable') return this.#again()
    await this.#send()
  }

  async #send(): Promise<void> {
    const act = this.#state.pending
    if (!act || !this.#socket.connected || this.#sending === act.id) return
    this.#sending = act.id
    const reply = await sendRequest(this.#socket, 'act', act)
    if (this.#sending === act.id) this.#sending = null
    if (reply.ok) this.#take({ kind: 'views', round: act.round, views: reply.views })
    else if (reply.error !== 'unavailable') this.#take({ kind: 'failed', id: act.id, failure: reply })
    if (this.#unanswered(act)) this.#again()
  }

  /** Asks again, on a connection that holds. */
  #again(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => void this.#resume(), RETRY_AFTER_MS)
  }

  #unanswered(act: Act): boolean {
    return this.#state.pending?.id === act.id && this.#socket.connected
  }
}

const storageKey = (round: string) => `round:${round}`

const readPersisted = (round: string): PersistedState | null => {
  const text = readStorage(sessionStorage, storageKey(round))
  if (text === null) return null
  const kept = JSON.parse(text) as PersistedState
  // A page of an earlier version may have kept it.
  return kept.pending ? { ...kept, pending: { ...kept.pending, action: readStoredAction(kept.pending.action) } } : kept
}

const writePersisted = (round: string, kept: PersistedState): void =>
  writeStorage(sessionStorage, storageKey(round), JSON.stringify(kept))
