/** Sends the board's tiles of rounds that have changed, at most a few times a second regardless of the number of changes. */
import type { Tile } from '../../contract/answers.ts'
import type { Lessons } from '../lessons/lessons.ts'
import { buildTileRound, type RoundInfo } from '../lessons/tiles.ts'
import type { RoundEvent } from '../rounds/live-round.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { throttle, type After } from '../base/timer.ts'

/** Real ms between two updates of tiles, at least. */
const TILES_INTERVAL_MS = 250
/** Maximum number of rounds whose `RoundInfo` is cached. */
const MAX_CACHED_ROUNDS = 10_000

export interface TileFeedDeps {
  readonly rounds: Pick<Rounds, 'subscribe'>
  readonly lessons: Pick<Lessons, 'readRound'>
  /** Whether anybody, possibly on another node, may be watching any session. */
  readonly isAnythingWatched: () => boolean
  /** Whether anybody, possibly on another node, may be watching this session. */
  readonly isWatched: (session: string) => boolean
  /** Registers a listener for the ids of pairs that play with others or are called otherwise. */
  readonly onPairsChanged: (listener: (pairs: readonly string[]) => void) => void
  readonly send: (session: string, tiles: readonly Tile[]) => void
  readonly after: After
}

/** Starts the feed: collects the latest event of each round and sends the latest tile of each pair, grouped by session. */
export function startTileFeed({ rounds, lessons, isAnythingWatched, isWatched, onPairsChanged, send, after }: TileFeedDeps): void {
  const roundInfoCache = new Map<string, RoundInfo>()
  const readRoundInfo = async (roundId: string) => {
    const known = roundInfoCache.get(roundId)
    if (known) return known
    const info = await lessons.readRound(roundId)
    if (roundInfoCache.size >= MAX_CACHED_ROUNDS) roundInfoCache.clear()
    if (info) roundInfoCache.set(roundId, info)
    return info
  }

  onPairsChanged((pairs) => {
    for (const [roundId, { pair }] of roundInfoCache) if (pairs.includes(pair.pair)) roundInfoCache.delete(roundId)
  })

  const pending = new Map<string, RoundEvent>()

  const flush = throttle(
    TILES_INTERVAL_MS,
    () => {
      const events = [...pending]
      pending.clear()
      void sendAll(events)
    },
    after,
  )

  const sendAll = async (events: readonly (readonly [string, RoundEvent])[]) => {
    const infos = await Promise.all(events.map(([roundId]) => readRoundInfo(roundId).catch(() => null)))
    const sessions = new Map<string, Map<string, Tile>>()
    for (const [i, round] of infos.entries()) {
      const latest = events[i]?.[1]
      if (!round || !latest || !isWatched(round.session)) continue
      const tiles = sessions.get(round.session) ?? new Map<string, Tile>()
      // `entries` may have grown since the event; a tile must show a single moment.
      const entries = latest.entries.slice(0, latest.world.entryCount)
      tiles.set(round.pair.pair, { ...round.pair, round: buildTileRound(round, latest.world, entries) })
      sessions.set(round.session, tiles)
    }
    for (const [session, tiles] of sessions) send(session, [...tiles.values()])
  }

  rounds.subscribe((event) => {
    if (event.source === 'remote') return // the node that wrote the entry handles it
    if (!isAnythingWatched()) return // who begins to watch receives the whole board
    // Entries after a round's end do not change the board, and the pair may already play the next round.
    if (event.world.over && !event.entry.effects.some((effect) => effect.kind === 'over')) return
    const { roundId } = event.entry
    pending.delete(roundId) // keeps `pending` in the order of the latest events
    pending.set(roundId, event)
    flush()
  })
}
