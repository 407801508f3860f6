/** Tells every node what has changed in a lesson; each reads anew what its sockets need. */
import type { Cluster } from '../nodes/cluster.ts'

export interface LessonNotifier {
  /** These students are somewhere else, or see something else there. */
  placesChanged(participantIds: readonly string[]): void
  sessionChanged(sessionId: string): void
  participantsChanged(sessionId: string): void
  /** These pairs are new or play another round. */
  tilesChanged(sessionId: string, pairIds: readonly string[]): void
}

export const createNotifier = (cluster: Pick<Cluster, 'publish'>): LessonNotifier => ({
  placesChanged: (participants) => cluster.publish('places', participants),
  sessionChanged: (session) => cluster.publish('session', session),
  participantsChanged: (session) => cluster.publish('participants', session),
  tilesChanged: (session, pairs) => cluster.publish('pairs', { session, pairs }),
})
