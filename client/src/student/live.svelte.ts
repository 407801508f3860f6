/** A student's page at work: the store of `round.ts` joined to the socket and to what this tab keeps. */
import type { Act, Place } from '../../../contract/events.ts'
import type { SeatAction } from '../../../protocol/world/action.ts'
import { newActionId } from '../lib/ids.ts'
import { leavesGap, NOTHING, play, type Happening, type Kept, type Play } from '../lib/round.ts'
import { ask, denial, openSocket, PATIENCE } from '../lib/socket.ts'
import { recall, remember } from '../lib/storage.ts'
import type { Draft } from '../lib/draft.ts'
import { WireLive } from '../wire/wire.svelte.ts'

export class Live {
  #state: Play = $state.raw(NOTHING)
  readonly #socket
  /** Of whoever has the wire of a round. */
  readonly wire: WireLive
  /** The act on its way in this very connection: it is not sent twice. */
  #sending: string | null = null
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(participant: string) {
    this.#socket = openSocket({ participant })
    this.wire = new WireLive(this.#socket)
    this.#socket
      .on('connect', () => this.#take({ is: 'link', link: 'online' }))
      .on('disconnect', () => this.#lost())
      .on('connect_error', (error) => {
        const denied = denial(error)
        this.#take(
          denied
            ? { is: 'denied', error: denied }
            : { is: 'link', link: this.#state.link === 'restarting' ? 'restarting' : 'reconnecting' },
        )
      })
      .on('bye', () => this.#take({ is: 'link', link: 'restarting' }))
      .on('place', (place) => this.#placed(place))
      .on('partner', ({ present }) => this.#take({ is: 'partner', present }))
      .on('view', ({ round, view }) => {
        const gap = leavesGap(this.#state, round, view)
        this.#take({ is: 'views', round, views: [view] })
        if (gap) void this.#resume()
      })
  }

  get state(): Play {
    return this.#state
  }

  type(draft: Draft): void {
    this.#take({ is: 'typed', draft })
  }

  /** Does nothing while another act is on its way. */
  act(action: SeatAction): void {
    const { round, views, pending } = this.#state
    if (!round || pending) return
    this.#take({ is: 'acted', act: { round: round.id, id: newActionId(), seen: views.length, action } })
    void this.#send()
  }

  /** Leaves the round on show for the one that the place names. */
  goOn(): void {
    this.#take({ is: 'gone-on' })
    void this.#resume()
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#socket.disconnect()
  }

  #take(happening: Happening): void {
    this.#state = play(this.#state, happening, recallKept)
    const { round, draft, pending } = this.#state
    if (round) rememberKept(round.id, { draft, pending })
  }

  #placed(place: Place): void {
    this.#take({ is: 'place', place })
    void this.#resume()
  }

  #lost(): void {
    this.#sending = null
    if (this.#state.link !== 'restarting') this.#take({ is: 'link', link: 'reconnecting' })
  }

  /** Asks for the views after the last one held, then sends what has not been answered. */
  async #resume(): Promise<void> {
    const { round, views } = this.#state
    if (!round || !this.#socket.connected) return
    const reply = await ask(this.#socket, 'resume', { round: round.id, from: views.length })
    if (reply.ok) this.#take({ is: 'views', round: round.id, views: reply.views })
    else if (reply.error === 'unavailable') return this.#again()
    await this.#send()
  }

  async #send(): Promise<void> {
    const act = this.#state.pending
    if (!act || !this.#socket.connected || this.#sending === act.id) return
    this.#sending = act.id
    const reply = await ask(this.#socket, 'act', act)
    if (this.#sending === act.id) this.#sending = null
    if (reply.ok) this.#take({ is: 'views', round: act.round, views: reply.views })
    else if (reply.error !== 'unavailable') this.#take({ is: 'failed', id: act.id, failure: reply })
    if (this.#unanswered(act)) this.#again()
  }

  /** Asks again, on a connection that holds. */
  #again(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => void this.#resume(), PATIENCE)
  }

  #unanswered(act: Act): boolean {
    return this.#state.pending?.id === act.id && this.#socket.connected
  }
}

const keyOf = (round: string) => `round:${round}`

const recallKept = (round: string): Kept | null => {
  const text = recall(sessionStorage, keyOf(round))
  return text === null ? null : (JSON.parse(text) as Kept)
}

const rememberKept = (round: string, kept: Kept): void => remember(sessionStorage, keyOf(round), JSON.stringify(kept))
