/** The activity of a class as the projector shows it, kept up to date over the socket of the session's pages. */
import type { ScreenActivity, ScreenAction } from '../../../../contract/class-activities.ts'
import type { Failure } from '../../../../contract/answers.ts'
import { createActionId } from '../../lib/action-id.ts'
import { RETRY_AFTER_MS, sendRequest, type Socket } from '../../lib/socket.ts'

/** Watches the activity of a session. Call `close` when the page is left; the socket stays open. */
export const watchClass = (socket: Socket, session: string) => {
  /** Undefined until the server has said what there is. */
  let activity: ScreenActivity | null | undefined = $state.raw()
  let failure: Failure | null = $state.raw(null)

  const watch = async () => {
    if (!socket.connected) return
    const reply = await sendRequest(socket, 'watchClass', { session })
    if (reply.ok) activity = reply.activity
    else if (reply.error === 'unavailable') setTimeout(watch, RETRY_AFTER_MS)
    failure = reply.ok ? null : reply
  }
  const onScreen = (update: { readonly session: string; readonly activity: ScreenActivity | null }) => {
    if (update.session === session) activity = update.activity
  }
  socket.on('connect', watch)
  socket.on('classScreen', onScreen)
  void watch()

  return {
    get activity() {
      return activity
    },
    get failure() {
      return failure
    },
    async steer(action: ScreenAction): Promise<void> {
      if (!activity) return
      const reply = await sendRequest(socket, 'steerClass', { session, activity: activity.id, id: createActionId(), action })
      failure = reply.ok ? null : reply
    },
    close(): void {
      socket.off('connect', watch)
      socket.off('classScreen', onScreen)
    },
  }
}
