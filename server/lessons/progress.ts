/**
 * The lesson's flow: what opens the next leg when a round is over, starts a round that a node has left unstarted, and hands the seats of
 * those who are away to the built-in partner and back. It works with no socket at all.
 */
import type { Place } from '../../contract/events.ts'
import type { Retry } from '../base/retry.ts'
import type { After } from '../base/timer.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { Lessons } from './lessons.ts'
import { startSeatTakeover } from './seat-takeover.ts'

export interface ProgressDeps {
  readonly rounds: Pick<Rounds, 'subscribe' | 'control'>
  readonly lessons: Pick<Lessons, 'advance' | 'readPlaces' | 'readPartnerId'>
  readonly presence: Pick<Presence, 'isPresent' | 'onChange'>
  readonly cluster: Pick<Cluster, 'on'>
  readonly retry: Retry
  readonly after: After
}

export interface Progress {
  /**
   * To be called for every connection of a student, also where they were present all along: the round goes on if a node has died before
   * it could see to that.
   */
  resume(place: Place): Promise<void>
}

export function createProgress({ rounds, lessons, presence, cluster, retry, after }: ProgressDeps): Progress {
  rounds.subscribe(({ entry, source }) => {
    if (source === 'heard') return // the node that wrote it does the rest
    if (entry.effects.some((effect) => effect.kind === 'over')) retry(() => lessons.advance(entry.roundId))
  })
  startSeatTakeover({ presence, cluster, rounds, lessons, retry, after })
  return {
    async resume(place) {
      if (place.round) await lessons.advance(place.round.id)
    },
  }
}
