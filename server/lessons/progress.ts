/**
 * The lesson's flow: what opens the next leg when a round is over, starts a round that a node has left unstarted, and hands the seats of
 * those who are away to the built-in partner and back. It works with no socket at all.
 */
import type { Place } from '../../contract/places.ts'
import type { Retry } from '../base/retry.ts'
import type { After } from '../base/timer.ts'
import type { Round } from '../generated/prisma/client.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { LessonStore } from './lesson-store.ts'
import { notifyRoundsChanged, type LessonNotifier } from './notifier.ts'
import type { Places } from './places.ts'
import type { RoundLifecycle } from './round-lifecycle.ts'
import { startSeatTakeover } from './seat-takeover.ts'
import { legOf, legsOf } from './session-rows.ts'

export interface ProgressDeps {
  readonly store: Pick<LessonStore, 'findRound' | 'findLeg' | 'findStale' | 'findStudents' | 'createSecondLeg'>
  readonly rounds: Pick<Rounds, 'subscribe' | 'control' | 'readWorld'>
  readonly lifecycle: Pick<RoundLifecycle, 'startRounds'>
  readonly places: Places
  readonly presence: Pick<Presence, 'isPresent' | 'onChange' | 'onNodeDeath'>
  readonly cluster: Pick<Cluster, 'on'>
  readonly notifier: Pick<LessonNotifier, 'placesChanged' | 'tilesChanged'>
  readonly retry: Retry
  readonly after: After
}

export interface Progress {
  /**
   * Sees to it that a round goes on: starts it if that was not done, and after its first leg opens the second. Happens by itself when a
   * round is over; may be called at any time, by any node.
   */
  advance(roundId: string): Promise<void>
  /**
   * To be called with their place for every connection of a student, also where they were present all along: what a node that has died
   * could not see to is done. Happens by itself for everybody who is connected when a node dies.
   */
  resume(place: Place): Promise<void>
}

export function createProgress(deps: ProgressDeps): Progress {
  const { store, rounds, lifecycle, places, presence, cluster, notifier, retry, after } = deps

  const advance = async (roundId: string): Promise<void> => {
    const round = await store.findRound(roundId)
    if (!round || round.session.endedAt) return
    const { session, ...row } = round
    const world = await rounds.readWorld(roundId)
    if (!world) {
      if ((await store.findStale([roundId])).length > 0) return
      await lifecycle.startRounds(session, [row])
      // The node that has left it unstarted may have told only some of them of it, or nobody.
      return notifyRoundsChanged(notifier, row.sessionId, [row])
    }
    // Whoever ended it otherwise knows what comes next.
    if (world.over !== 'goal' && world.over !== 'broken') return

    await lifecycle.startRounds(session, legOf(row) < legsOf(session) ? await openSecondLeg(row) : [])
    notifyRoundsChanged(notifier, row.sessionId, [row])
  }

  /** Its row; one that is there may not have begun. */
  const openSecondLeg = async (first: Round): Promise<readonly Round[]> => {
    const opened = await store.createSecondLeg(first)
    if (opened.length > 0) return opened
    const second = await store.findLeg(first.pairId, first.position, first.leg + 1)
    return second && !second.endedAt ? [second] : []
  }

  rounds.subscribe(({ entry, source }) => {
    if (source === 'remote') return // the node that wrote it does the rest
    if (entry.effects.some((effect) => effect.kind === 'over')) retry(() => advance(entry.roundId))
  })
  startSeatTakeover({ presence, cluster, rounds, places, retry, after })

  const resume: Progress['resume'] = async ({ me, round, waiting }) => {
    if (round) return advance(round.id)
    if (waiting !== 'for-next' && waiting !== 'for-start') return
    // Their round is over or has not begun, and nobody may have opened the next leg, or begun it.
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
