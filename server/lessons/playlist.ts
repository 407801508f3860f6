/** Moves a lesson through its playlist and ends it. */
import { ApiError } from '../base/api-error.ts'
import type { LessonStore } from './lesson-store.ts'
import { formatReference, type Library } from './library.ts'
import { notifyPairsChanged, notifyRoundsChanged, type LessonNotifier } from './notifier.ts'
import type { RoundLifecycle } from './round-lifecycle.ts'
import { playlistOf, sessionEndedError, sessionNotFoundError } from './session-rows.ts'

/** Changes of a session's position. */
export interface Playlist {
  /**
   * Opens the exercise at this position for all pairs; unfinished rounds are ended. If the exercise is open already, starts those
   * of its rounds that have not been started. Rejects with `not-found`, `session-ended` or `malformed`.
   */
  openExercise(sessionId: string, position: number): Promise<void>
  /** Ends the session and its rounds. Has no effect if the session has already ended. */
  endSession(sessionId: string): Promise<void>
}

export interface PlaylistDeps {
  readonly store: Pick<LessonStore, 'findSession' | 'openPosition' | 'endSession'>
  readonly library: Pick<Library, 'findNewest'>
  readonly lifecycle: RoundLifecycle
  readonly notifier: LessonNotifier
}

export function createPlaylist({ store, library, lifecycle, notifier }: PlaylistDeps): Playlist {
  return {
    async openExercise(sessionId, position) {
      const known = await store.findSession(sessionId)
      if (!known) throw sessionNotFoundError()
      if (known.endedAt) throw sessionEndedError()
      const playlist = playlistOf(known)
      const id = playlist[position]
      if (id === undefined) throw new ApiError('malformed', `The playlist ends at position ${playlist.length - 1}.`)
      const exercise = await library.findNewest(id)
      const reference = exercise ? formatReference(exercise) : null

      const { session, pairs, opened, stale } = await store.openPosition(sessionId, position, reference)
      await lifecycle.endRounds(stale, 'moved-on')
      await lifecycle.startRounds(session, opened)
      notifier.sessionChanged(sessionId)
      notifyPairsChanged(notifier, sessionId, pairs)
      // The exercise was open already: announce its rounds again, because the request that opened it may have failed before doing so.
      if (pairs.length === 0) notifyRoundsChanged(notifier, sessionId, opened)
    },

    async endSession(sessionId) {
      const { stale, participantIds } = await store.endSession(sessionId)
      await lifecycle.endRounds(stale, 'ended')
      notifier.sessionChanged(sessionId)
      notifier.placesChanged(participantIds)
    },
  }
}
