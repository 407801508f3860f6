/** Announces changes of a lesson to every node. Each node then reads again what its sockets need. */
import type { Pair, Round } from '../generated/prisma/client.ts'
import type { Cluster } from '../nodes/cluster.ts'
import { memberIds } from './session-rows.ts'

/** Announces changes to all nodes, including this one. */
export interface LessonNotifier {
  /** The places of these students have changed. */
  placesChanged(participantIds: readonly string[]): void
  sessionChanged(sessionId: string): void
  participantsChanged(sessionId: string): void
  /** The tiles of these pairs have changed: the pairs are new or play another round. */
  tilesChanged(sessionId: string, pairIds: readonly string[]): void
}

export const createNotifier = (cluster: Pick<Cluster, 'publish'>): LessonNotifier => ({
  placesChanged: (participants) => cluster.publish('places', participants),
  sessionChanged: (session) => cluster.publish('session', session),
  participantsChanged: (session) => cluster.publish('participants', session),
  tilesChanged: (session, pairs) => cluster.publish('pairs', { session, pairs }),
})

/** Announces that these pairs are new, dissolved, or play another round. */
export function notifyPairsChanged(notifier: LessonNotifier, sessionId: string, pairs: readonly Pair[]): void {
  notifier.placesChanged(pairs.flatMap(memberIds))
  notifier.participantsChanged(sessionId)
  notifier.tilesChanged(
    sessionId,
    pairs.map((pair) => pair.id),
  )
}

/** Announces that these rounds have started or are over. */
export function notifyRoundsChanged(
  notifier: Pick<LessonNotifier, 'placesChanged' | 'tilesChanged'>,
  sessionId: string,
  rounds: readonly Round[],
): void {
  notifier.placesChanged(
    rounds.flatMap(({ clientId, serverId, networkId }) => [clientId, serverId, ...(networkId === null ? [] : [networkId])]),
  )
  notifier.tilesChanged(
    sessionId,
    rounds.map(({ pairId }) => pairId),
  )
}
