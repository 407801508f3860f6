/** What a student's page holds of the activity of the class: the act that is not answered, and the verdict on the last one. */
import type { PhoneActivity } from '../../../../contract/class-activities.ts'
import type { Failure } from '../../../../contract/answers.ts'
import type { EventPayload } from '../../../../contract/events.ts'
import type { SeatAction } from '../../../../protocol/round/model/action.ts'
import type { ActView } from '../../../../protocol/round/view/seat-view.ts'
import { createActionId } from '../../lib/action-id.ts'
import { sendRequest, type Socket } from '../../lib/socket.ts'

type PhoneAction = EventPayload<'actInClass'>['action']

export class ClassPlay {
  /** The last composed segment and its verdict; null after an act that was not composed. */
  act: ActView | null = $state.raw(null)
  isPending = $state(false)
  failure: Failure | null = $state.raw(null)
  readonly #socket: Socket
  readonly #onActivity: (activity: PhoneActivity) => void

  /** `onActivity`: called with what the page shows after an act. */
  constructor(socket: Socket, onActivity: (activity: PhoneActivity) => void) {
    this.#socket = socket
    this.#onActivity = onActivity
  }

  /** Sends an act, unless another one is unanswered. Resolves to whether it has been accepted. */
  async send(activity: string, action: PhoneAction): Promise<boolean> {
    if (this.isPending) return false
    this.isPending = true
    const id = createActionId()
    const reply = await sendRequest(this.#socket, 'actInClass', { activity, id, action })
    this.isPending = false
    this.failure = reply.ok ? null : reply
    this.act = reply.ok && action.kind === 'send' ? { id, action: action satisfies SeatAction, ...reply.verdict } : null
    if (reply.ok) this.#onActivity(reply.activity)
    return reply.ok && reply.verdict.outcome === 'accepted'
  }
}
