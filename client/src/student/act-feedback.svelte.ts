/** What the panel says about the student's last act, and where. */
import type { Level } from '../../../protocol/round/model/exercise.ts'
import type { FindingView, PlayerView } from '../../../protocol/round/view/seat-view.ts'
import { FEEDBACK_SLOTS, listWrongFields, selectSlot, type FeedbackSlot } from '../round/feedback-slots.ts'
import type { FormDraft, UnfinishedField } from '../round/form-draft.ts'
import { findLastAct } from '../round/round-state.ts'
import { findWrongBits } from '../round/wrong-bits.ts'

interface FeedbackSource {
  readonly views: readonly PlayerView[]
  readonly draft: FormDraft
  readonly level: Level
}

export class ActFeedback {
  readonly #read: () => FeedbackSource
  /** The field that has kept the draft from being sent, as it is empty or no number; null if none has. */
  unfinished = $state<UnfinishedField | null>(null)
  /** The id of the act whose explanation the student has toggled: opened, or closed if it was open by default. */
  #toggledAct = $state<string | null>(null)

  readonly act = $derived.by(() => findLastAct(this.#read().views))
  /** The element ids of the refused fields that still contain what was refused. */
  readonly invalidFields = $derived.by(() => listWrongFields(this.act, this.#read().draft))
  /** Whether the explanation is open. */
  readonly isOpen = $derived(this.act !== null && (this.#toggledAct === this.act.id) !== (this.act.concept !== undefined))
  /** The control bits that may be named: at `standard` no more than the field, before the explanation is opened. */
  readonly wrongBits = $derived.by(() =>
    this.act && this.invalidFields.has('flags') && (this.#read().level === 'guided' || this.isOpen)
      ? findWrongBits(this.act.findings)
      : 0,
  )
  /** The first place that has findings. */
  readonly firstSlot = $derived(FEEDBACK_SLOTS.find((slot) => this.findingsIn(slot).length > 0))

  /** `read` may read reactive values. */
  constructor(read: () => FeedbackSource) {
    this.#read = read
  }

  findingsIn(slot: FeedbackSlot): readonly FindingView[] {
    const { act } = this
    return act?.findings.filter((finding) => selectSlot(act, finding) === slot) ?? []
  }

  /** Opens or closes the explanation, if there is one. */
  toggle(): void {
    const { act } = this
    if (act && act.findings.length > 0) this.#toggledAct = this.#toggledAct === act.id ? null : act.id
  }
}
