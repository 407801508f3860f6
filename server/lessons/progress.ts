/**
 * The flow of a lesson: opens the next leg, or at one's own pace the next exercise, when a round is over, starts rounds that a node has left unstarted, and lets the
 * built-in partner take over the seats of those who are away. It works without sockets.
 */
import type { Place } from '../../contract/places.ts'
import type { Retry } from '../base/retry.ts'
import type { After } from '../base/timer.ts'
import type { Round, Session } from '../generated/prisma/client.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { LessonStore } from './lesson-store.ts'
import { formatReference, type Library } from './library.ts'
import { notifyRoundsChanged, type LessonNotifier } from './notifier.ts'
import type { Places } from './places.ts'
import type { RoundLifecycle } from './round-lifecycle.ts'
import { startSeatTakeover } from './seat-takeover.ts'
import { legOf, legsOf, playlistOf } from './session-rows.ts'

export interface ProgressDeps {
  readonly store: Pick<LessonStore, 'findRound' | 'findLeg' | 'findStale' | 'findStudents' | 'createSecondLeg' | 'goOn'>
  readonly library: Pick<Library, 'findNewest'>
  readonly rounds: Pick<Rounds, 'subscribe' | 'control' | 'readWorld'>
  readonly lifecycle: Pick<RoundLifecycle, 'startRounds'>
  readonly places: Places
  readonly presence: Pick<Presence, 'isPresent' | 'refresh' | 'onChange' | 'onNodeDeath'>
  readonly cluster: Pick<Cluster, 'on'>
  readonly notifier: Pick<LessonNotifier, 'placesChanged' | 'tilesChanged'>
  readonly retry: Retry
  readonly after: After
}

/** Makes rounds continue that wait for a node to do something. */
export interface Progress {
  /**
   * Makes a round continue: starts it if that has not been done, opens the second leg after the first, and after the last one the next
   * exercise where everybody plays at their own pace. Runs automatically
   * when a round is over; any node may call it at any time.
   */
  advance(roundId: string): Promise<void>
  /**
   * To be called for every connection of a student with their place, even if they have been present all along. Completes what a
   * node that has died left undone. Runs automatically for everybody who is connected when a node dies.
   */
  resume(place: Place): Promise<void>
}

export function createProgress(deps: ProgressDeps): Progress {
  const { store, library, rounds, lifecycle, places, presence, cluster, notifier, retry, after } = deps

  const advance = async (roundId: string): Promise<void> => {
    const round = await store.findRound(roundId)
    if (!round || round.session.endedAt) return
    const { session, ...row } = round
    const world = await rounds.readWorld(roundId)
    if (!world) {
      if ((await store.findStale([roundId])).length > 0) return
      await lifecycle.startRounds(session, [row])
      // The node that left the round unstarted may have notified only some of its players, or none.
      return notifyRoundsChanged(notifier, row.sessionId, [row])
    }
    // Whatever ended the round in another way also determines what follows.
    if (world.over !== 'goal' && world.over !== 'broken') return

    await lifecycle.startRounds(session, legOf(row) < legsOf(session) ? await openSecondLeg(row) : await goOn(session, row))
    notifyRoundsChanged(notifier, row.sessionId, [row])
  }

  /** The row of the second leg. If it exists already, it may not have been started. */
  const openSecondLeg = async (first: Round): Promise<readonly Round[]> => {
    const opened = await store.createSecondLeg(first)
    if (opened.length > 0) return opened
    const second = await store.findLeg(first.pairId, first.position, first.leg + 1)
    return second && !second.endedAt ? [second] : []
  }

  /** The rows of the next exercise's round, where a pair that is through goes on by itself. */
  const goOn = async (session: Session, round: Round): Promise<readonly Round[]> => {
    const id = playlistOf(session)[round.position + 1]
    if (session.pace !== 'own' || id === undefined) return []
    const exercise = await library.findNewest(id)
    return exercise ? store.goOn(round, formatReference(exercise)) : []
  }

  rounds.subscribe(({ entry, source }) => {
    if (source === 'remote') return // the node that wrote the entry handles it
    if (entry.effects.some((effect) => effect.kind === 'over')) retry(() => advance(entry.roundId))
  })
  startSeatTakeover({ presence, cluster, rounds, places, retry, after })

  const resume: Progress['resume'] = async ({ me, round, waiting }) => {
    if (round) return advance(round.id)
    if (waiting !== 'for-next' && waiting !== 'for-start') return
    // Their round is over or has not started, and the node that should have opened the next leg, or started the round, may have
    // died.
    const [student] = await store.findStudents([me.id])
    if (student?.round) await advance(student.round.id)
  }
  presence.onNodeDeath((here) =>
    retry(async () => {
      for (const place of await places.readPlaces(here)) await resume(place)
    }),
  )

  return { advance, resume }
}
