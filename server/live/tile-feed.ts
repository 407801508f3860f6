/** Sends the board's tiles of rounds that have moved, a few times a second at most, however much happens. */
import type { Tile } from '../../contract/answers.ts'
import type { Lessons } from '../lessons/lessons.ts'
import { buildTileRound, type RoundInfo } from '../lessons/tiles.ts'
import type { RoundEvent } from '../rounds/live-round.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { throttle, type After } from '../base/timer.ts'

/** Real ms: a session's tiles are sent at most so often. */
const TILES_INTERVAL_MS = 250
/** Rounds whose place in a lesson is remembered. */
const MAX_CACHED_ROUNDS = 10_000

export interface TileFeedDeps {
  readonly rounds: Pick<Rounds, 'subscribe'>
  readonly lessons: Pick<Lessons, 'readRound'>
  /** Whether anybody may be looking at this session. */
  readonly isWatched: (session: string) => boolean
  readonly send: (session: string, tiles: readonly Tile[]) => void
  readonly after: After
}

/** Gathers what has moved, by session and pair, and sends the latest tile of each. */
export function startTileFeed({ rounds, lessons, isWatched, send, after }: TileFeedDeps): void {
  const roundInfoCache = new Map<string, RoundInfo>()
  const readRoundInfo = async (roundId: string) => {
    const known = roundInfoCache.get(roundId)
    if (known) return known
    const info = await lessons.readRound(roundId)
    if (roundInfoCache.size >= MAX_CACHED_ROUNDS) roundInfoCache.clear()
    if (info) roundInfoCache.set(roundId, info)
    return info
  }

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
      // The round has gone on meanwhile: a tile is made of one moment.
      const entries = latest.entries.slice(0, latest.world.entryCount)
      tiles.set(round.pair.pair, { ...round.pair, round: buildTileRound(round, latest.world, entries) })
      sessions.set(round.session, tiles)
    }
    for (const [session, tiles] of sessions) send(session, [...tiles.values()])
  }

  rounds.subscribe((event) => {
    if (event.source === 'remote') return // the node that wrote it does the rest
    // What is tried on a round that is over changes nothing on a board, and the pair may be in the next one.
    if (event.world.over && !event.entry.effects.some((effect) => effect.kind === 'over')) return
    const { roundId } = event.entry
    pending.delete(roundId) // the latest to move is the latest sent
    pending.set(roundId, event)
    flush()
  })
}
