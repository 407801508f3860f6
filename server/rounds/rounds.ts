/**
 * The rounds that this node has in memory. A round is read from the log when it is requested, and dropped from memory after it
 * has not been used for a while.
 */
import { IDLE_AFTER_MS } from '../../contract/idle-time.ts'
import type { SeatOrNetwork } from '../../protocol/seat.ts'
import type { ControlAction, WireAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import type { HintTexts } from '../../protocol/round/view/project-seat-view.ts'
import type { World } from '../../protocol/round/model/world.ts'
import type { Cluster } from '../nodes/cluster.ts'
import { ApiError } from '../base/api-error.ts'
import type { RoundLog } from './log.ts'
import type { UpdateOf } from '../../protocol/round/round.ts'
import type { TlsTools } from '../../protocol/round/rules/tls-end.ts'
import { LiveRound, type RoundEvent, type SeatRequest } from './live-round.ts'
import type { Metrics } from '../base/metrics.ts'
import { after as realAfter, type After } from '../base/timer.ts'

/**
 * The rounds of all lessons. The methods for one round load it into memory if necessary, and reject with `unavailable` when the
 * server is stopping.
 */
export interface Rounds {
  /** Starts a round. Does nothing if it has already started. */
  start(roundId: string, script: Script): Promise<void>
  /** Appends an action of the teacher or the system. An action that no longer applies, or that has been done, changes nothing. */
  control(roundId: string, action: ControlAction | WireAction, actor: 'teacher' | 'system'): Promise<void>
  /** See `LiveRound.act`. */
  act<S extends SeatOrNetwork>(roundId: string, seat: S, act: SeatRequest<S>): Promise<readonly UpdateOf<S>[]>
  /** A seat's views after number `from`. */
  readViews<S extends SeatOrNetwork>(roundId: string, seat: S, from: number): Promise<readonly UpdateOf<S>[]>
  /** The round's whole log; empty if there is no such round. */
  readEntries(roundId: string): Promise<readonly Entry[]>
  /** The round's current world; null if the round has not started. */
  readWorld(roundId: string): Promise<World | null>
  /**
   * Subscribes to the entries of the rounds in memory, written by any node. `listener` is called after the entry has been stored,
   * and must not throw.
   */
  subscribe(listener: (event: RoundEvent) => void): void
  /** The number of rounds in memory. */
  count(): number
  /** Resolves when everything requested so far is done. */
  settle(): Promise<void>
  /** Stops accepting actions; resolves when pending writes have finished. */
  close(): Promise<void>
}

/** Real ms. Every `SWEEP_INTERVAL_MS`, rounds that have been unused for `UNUSED_TTL_MS` are dropped. */
const UNUSED_TTL_MS = 5 * 60_000
/** Of a round that is over: what is still asked of it is read from the log. */
const ENDED_TTL_MS = 5_000
const SWEEP_INTERVAL_MS = 5_000

export interface RoundsDeps {
  readonly log: RoundLog
  readonly now: () => Date
  readonly tls: TlsTools
  readonly cluster: Cluster
  /** Whether a socket of this node plays or follows the round; if so, it stays in memory. */
  readonly hasListeners?: (roundId: string) => boolean
  readonly texts?: (script: Script) => Promise<HintTexts>
  /** By default `IDLE_AFTER_MS`. */
  readonly idleAfterMs?: number
  readonly after?: After
  readonly metrics?: Metrics | undefined
}

export function createRounds(options: RoundsDeps): Rounds {
  const { log, now, tls, cluster, hasListeners = () => false } = options
  const { texts, idleAfterMs = IDLE_AFTER_MS, after = realAfter, metrics } = options
  const liveRounds = new Map<string, { readonly round: LiveRound; usedAt: number }>()
  const listeners: ((event: RoundEvent) => void)[] = []
  let closing = false

  const liveRoundDeps = {
    log,
    now,
    after,
    tls,
    idleAfterMs,
    alwaysRefresh: cluster.distributed,
    texts,
    metrics,
    publish(event: RoundEvent) {
      // Entries that were found in the log are sent as well: their writer may not have announced them.
      if (event.source !== 'remote') cluster.sendToOthers('entry', event.entry)
      for (const listener of listeners) listener(event)
    },
  }

  const open = (roundId: string): LiveRound => {
    if (closing) throw new ApiError('unavailable', 'The server is stopping.')
    const known = liveRounds.get(roundId)
    if (known) {
      known.usedAt = now().getTime()
      return known.round
    }
    const round = new LiveRound(roundId, liveRoundDeps)
    liveRounds.set(roundId, { round, usedAt: now().getTime() })
    return round
  }

  cluster.on('entry', (entry) => {
    liveRounds
      .get(entry.roundId)
      ?.round.receiveRemoteEntry(entry)
      .catch(() => {}) // the round reads the log at the next request
  })
  cluster.onMessageLoss(() => {
    for (const { round } of liveRounds.values()) round.catchUp().catch(() => {})
  })

  const sweep = () => {
    for (const [roundId, { round, usedAt }] of liveRounds) {
      const unusedMs = now().getTime() - usedAt
      if (unusedMs <= (round.isOver ? ENDED_TTL_MS : UNUSED_TTL_MS) || !round.isIdle || hasListeners(roundId)) continue
      liveRounds.delete(roundId)
    }
    cancelSweep = after(SWEEP_INTERVAL_MS, sweep)
  }
  let cancelSweep = after(SWEEP_INTERVAL_MS, sweep)

  return {
    start: async (roundId, script) => open(roundId).start(script),
    control: async (roundId, action, actor) => open(roundId).control(actor, action),
    act: async (roundId, seat, act) => open(roundId).act(seat, act),
    readViews: async (roundId, seat, from) => open(roundId).readViews(seat, from),
    readEntries: async (roundId) => open(roundId).readEntries(),
    readWorld: async (roundId) => open(roundId).readWorld(),
    subscribe: (listener) => void listeners.push(listener),
    count: () => liveRounds.size,
    async settle() {
      await Promise.all([...liveRounds.values()].map(({ round }) => round.settle()))
    },
    async close() {
      closing = true
      cancelSweep()
      await Promise.all([...liveRounds.values()].map(({ round }) => round.close()))
    },
  }
}
