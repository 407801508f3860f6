/** A round that is judged in the page, by the engine that judges on the server. Nothing of it is sent or stored. */
import type { RoundPlace } from '../../../contract/places.ts'
import type { Seat } from '../../../protocol/seat.ts'
import type { SeatAction } from '../../../protocol/round/model/action.ts'
import type { Script } from '../../../protocol/round/model/script.ts'
import { listAutomaticActions } from '../../../protocol/round/play/automatic-action.ts'
import { Round, type Act } from '../../../protocol/round/round.ts'
import { readShownAction } from '../../../protocol/round/view/opaque-ids.ts'
import { createActionId } from '../lib/action-id.ts'
import type { FormDraft } from '../round/form-draft.ts'
import { INITIAL_STATE, reduceRound, type RoundEvent, type RoundState } from '../round/round-state.ts'

/** Real ms that a seat which alone holds up the clock may stay idle. */
const IDLE_AFTER_MS = 20_000

/** The texts of an exercise's hints; this round has none. */
const NO_TEXTS = { hint: () => undefined, why: () => undefined, question: () => undefined }

/** Nothing in this round depends on when something was done. */
const UNDATED = '1970-01-01T00:00:00.000Z'

/** Has the members of a `RoundConnection` that a seat's controls use. */
export class LocalRound {
  readonly #script: Script
  readonly #round: Round
  readonly #seat: Seat
  readonly #after: (ms: number, run: () => void) => () => void
  #state: RoundState = $state.raw(INITIAL_STATE)
  #cancel = () => {}
  #closed = false

  /** `after`: calls `run` once after `ms` real ms, and returns a function that cancels it. Default: the browser's timer. */
  constructor(script: Script, place: RoundPlace, after = browserTimer) {
    this.#script = script
    this.#seat = place.seat
    this.#after = after
    this.#round = new Round({ id: place.id, texts: () => NO_TEXTS })
    this.#state = { ...INITIAL_STATE, link: 'online', round: place }
    this.#enter({ actor: 'system', actionId: 'start', action: { kind: 'control', control: 'start', script }, seen: null })
  }

  get state(): RoundState {
    return this.#state
  }

  updateDraft(draft: FormDraft): void {
    this.#dispatch({ kind: 'typed', draft })
  }

  /** The verdict comes later, as that of a server would. Does nothing while another act is unanswered. */
  act(action: SeatAction): void {
    const { round, views, pending } = this.#state
    if (!round || pending) return
    const act = { round: round.id, id: createActionId(), seen: views.length, action }
    this.#dispatch({ kind: 'acted', act })
    void Promise.resolve().then(() =>
      this.#enter({
        actor: this.#seat,
        actionId: act.id,
        action: readShownAction(this.#script, this.#seat, action),
        seen: act.seen,
      }),
    )
  }

  close(): void {
    this.#closed = true
    this.#cancel()
  }

  #enter(act: Omit<Act, 'at'>): void {
    if (this.#closed) return
    this.#round.enter({ ...act, at: UNDATED })
    const { round, views, pending } = this.#state
    const news = this.#round.updatesAfter(this.#seat, views.length)
    if (round) this.#dispatch({ kind: 'views', round: round.id, views: news, ...(pending ? { asked: pending } : {}) })
    this.#schedule()
  }

  /** What the built-in partner and the clock do next. It is valid only as the next entry, so every entry plans it anew. */
  #schedule(): void {
    this.#cancel()
    const [first] = [...listAutomaticActions(this.#round, Date.now(), IDLE_AFTER_MS)].sort((a, b) => a.delayMs - b.delayMs)
    if (!first) return
    const { actor, actionId, action, seen, delayMs } = first
    this.#cancel = this.#after(delayMs, () => this.#enter({ actor, actionId, action, seen }))
  }

  #dispatch(event: RoundEvent): void {
    this.#state = reduceRound(this.#state, event, () => null)
  }
}

const browserTimer = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
