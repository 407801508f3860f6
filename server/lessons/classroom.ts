/**
 * A node without HTTP and sockets: its rounds and running lessons. It depends on a log, a clock, a store and a cluster, but not
 * on a database.
 */
import { findTexts } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import type { Retry } from '../base/retry.ts'
import type { After } from '../base/timer.ts'
import type { Cluster } from '../nodes/cluster.ts'
import { createPresence, type Presence } from '../nodes/presence.ts'
import type { RoundLog } from '../rounds/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { createRounds, type Rounds } from '../rounds/rounds.ts'
import type { LessonStore } from './lesson-store.ts'
import { formatReference, type Library } from './library.ts'
import { createNotifier, type LessonNotifier } from './notifier.ts'
import { createPlaces, type Places } from './places.ts'
import { createPlaylist, type Playlist } from './playlist.ts'
import { createProgress, type Progress } from './progress.ts'
import { createRoundLifecycle, type RoundLifecycle } from './round-lifecycle.ts'

/** What a classroom depends on. */
export interface ClassroomPorts {
  readonly store: LessonStore
  readonly log: RoundLog
  readonly library: Pick<Library, 'findNewest' | 'findByReference'>
  readonly cluster: Cluster
  readonly retry: Retry
  readonly now: () => Date
  readonly after: After
  /** Numbers in [0, 1). */
  readonly random: () => number
  /** Whether a socket of this node plays or follows the round; if so, it stays in memory. */
  readonly hasListeners?: (roundId: string) => boolean
  readonly metrics?: Metrics | undefined
  /** If given, these parts replace the ones that the classroom would create. */
  readonly presence?: Presence | undefined
  readonly rounds?: Rounds | undefined
  readonly notifier?: LessonNotifier | undefined
  readonly places?: Places | undefined
}

/** The parts of a classroom. */
export interface Classroom {
  readonly presence: Presence
  readonly rounds: Rounds
  readonly notifier: LessonNotifier
  readonly lifecycle: RoundLifecycle
  readonly places: Places
  readonly playlist: Playlist
  readonly progress: Progress
}

export function createClassroom(ports: ClassroomPorts): Classroom {
  const { store, log, library, cluster, retry, now, after, random, hasListeners } = ports
  const presence = ports.presence ?? createPresence({ cluster, now, after })
  const rounds =
    ports.rounds ??
    createRounds({
      log,
      now,
      after,
      tls: TLS_TOOLS,
      cluster,
      metrics: ports.metrics,
      texts: async ({ exercise: id, version }) =>
        findTexts(await library.findByReference(formatReference({ id, version })), version),
      ...(hasListeners ? { hasListeners } : {}),
    })
  const notifier = ports.notifier ?? createNotifier(cluster)
  const lifecycle = createRoundLifecycle({ store, library, rounds, presence, random })
  const places = ports.places ?? createPlaces({ store, library, rounds, presence })
  return {
    presence,
    rounds,
    notifier,
    lifecycle,
    places,
    playlist: createPlaylist({ store, library, lifecycle, notifier }),
    progress: createProgress({ store, library, rounds, lifecycle, places, presence, cluster, notifier, retry, after }),
  }
}
