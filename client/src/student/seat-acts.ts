/** What the controls of a seat do: each makes its act if it applies now, or leads to what is still missing. */
import type { MessageDraft, SeatAction } from '../../../protocol/round/model/action.ts'
import type { NowView } from '../../../protocol/round/view/seat-view.ts'
import { buildSendAction } from '../round/form-draft.ts'
import { buildPrediction, mayPredict } from '../round/prediction.ts'
import type { ActFeedback } from './act-feedback.svelte.ts'
import { focusField } from './focus-field.ts'
import type { RoundConnection } from './round-connection.svelte.ts'

interface ActsSource {
  readonly live: Pick<RoundConnection, 'state' | 'act'>
  readonly now: NowView
  /** The event that a claim or discard refers to; null if there is none. */
  readonly event: number | null
  /** The message in the draft; null while something in it is open. */
  readonly message: MessageDraft | null
  readonly feedback: ActFeedback
}

/** An act, and the element that had the focus when it was made. */
interface MadeAct {
  readonly id: string
  readonly from: Element | null
}

export class SeatActs {
  readonly #read: () => ActsSource
  #last: MadeAct | null = null

  constructor(read: () => ActsSource) {
    this.#read = read
  }

  /** The last act made here if it is this one, once. */
  take(id: string): MadeAct | null {
    const last = this.#last?.id === id ? this.#last : null
    if (last) this.#last = null
    return last
  }

  send = (): void => {
    const { live, now, feedback } = this.#read()
    if (now.reasons.send) return
    const action = buildSendAction(live.state.draft)
    feedback.unfinished = typeof action === 'string' ? action : null
    if (typeof action === 'string') focusField(action)
    else this.#make(action)
  }

  /** Writes down what is expected next, from the same form. */
  predict = (): void => {
    const { live, now, feedback } = this.#read()
    if (!mayPredict(now)) return
    const action = buildPrediction(live.state.draft)
    feedback.unfinished = typeof action === 'string' ? action : null
    if (typeof action === 'string') focusField(action)
    else this.#make(action)
  }

  claim = (): void => {
    const { live, now, event, feedback } = this.#read()
    if (now.reasons.claim || event === null) return
    const { state } = live.state.draft
    feedback.unfinished = state === '' ? 'state' : null
    if (state === '') focusField('state')
    else this.#make({ kind: 'claim', event, state })
  }

  write = (): void => {
    const { now, message } = this.#read()
    if (now.reasons.send) return
    if (message) this.#make({ kind: 'write', message })
    else focusField('message')
  }

  discard = (): void => {
    const { now, event } = this.#read()
    if (!now.reasons.discard && event !== null) this.#make({ kind: 'discard', event })
  }

  wait = (): void => {
    if (!this.#read().now.reasons.wait) this.#make({ kind: 'wait' })
  }

  hint = (): void => {
    if (!this.#read().now.reasons.hint) this.#make({ kind: 'hint' })
  }

  call = (): void => {
    const { next } = this.#read().now.app
    if (next && 'call' in next && !next.reason) this.#make({ kind: 'call', call: next.call })
  }

  answer = (question: string, choice: number): void => this.#make({ kind: 'answer', question, choice })

  /** Makes the last act again, now that the student is sure. */
  confirm = (): void => {
    const action = this.#read().feedback.act?.action
    if (action?.kind === 'write') this.#make({ ...action, sure: true })
  }

  #make(action: SeatAction): void {
    const { live } = this.#read()
    live.act(action)
    const { pending } = live.state
    this.#last = pending && { id: pending.id, from: document.activeElement }
  }
}
