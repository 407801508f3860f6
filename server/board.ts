/** The teacher's board: a tile a pair, made from the round's log, and sent a few times a second at most, however much happens. */
import type { Tile, TileRound } from '../contract/events.ts'
import type { Entry } from '../protocol/world/action.ts'
import type { Seat } from '../protocol/world/exercise.ts'
import type { World } from '../protocol/world/world.ts'
import { after as realAfter, throttled, type After } from './timer.ts'
import type { News } from './room.ts'

/** What never changes of a round: whose it is, and where it stands in the lesson. */
export interface RoundInfo {
  readonly id: string
  readonly session: string
  readonly pair: Omit<Tile, 'round'>
  readonly leg: 1 | 2
  readonly legs: 1 | 2
  /** Participant ids. */
  readonly client: string
  readonly server: string
  readonly network: string | null
}

/** How many arrows a tile shows. */
const ARROWS = 12

/** The round's part of a tile. */
export function tileOf(round: RoundInfo, world: World, entries: readonly Entry[]): TileRound {
  const moved = entries.findLastIndex((entry) => entry.verdict.outcome === 'accepted' && entry.action.type !== 'hint')
  const refused = entries.slice(moved + 1).filter((entry) => entry.verdict.outcome === 'refused')
  return {
    id: round.id,
    exercise: world.script.exercise,
    leg: round.leg,
    client: round.client,
    server: round.server,
    network: round.network,
    index: world.index,
    states: { client: world.hosts.client.tcb.state, server: world.hosts.server.tcb.state },
    progress: { client: progress(world, 'client'), server: progress(world, 'server') },
    arrows: arrows(entries),
    refusals: refused.length,
    last: lastRefusal(refused),
    since: (entries[moved] ?? entries[0])?.at ?? '',
    over: world.over,
    finished: world.over !== null && (round.leg === round.legs || world.over === 'moved-on' || world.over === 'ended'),
  }
}

function progress(world: World, seat: Seat): { met: number; of: number } {
  const { milestones } = world.seats[seat]
  return { met: milestones.filter((m) => m.status === 'met').length, of: milestones.length }
}

/** `c` and `s` for segments sent by client and server, `x` and `y` for refused ones. */
function arrows(entries: readonly Entry[]): string {
  let text = ''
  for (let i = entries.length - 1; i >= 0 && text.length < ARROWS; i--) {
    const entry = entries[i] as Entry
    const sent = entry.effects.flatMap((effect) => (effect.is === 'left' ? [effect.from === 'client' ? 'c' : 's'] : [])).join('')
    const refused = entry.action.type === 'send' && entry.verdict.outcome === 'refused'
    text = (refused ? (entry.actor === 'client' ? 'x' : 'y') : '') + sent + text
  }
  return text.slice(-ARROWS)
}

function lastRefusal(refused: readonly Entry[]): TileRound['last'] {
  const entry = refused.at(-1)
  const finding = entry?.verdict.findings.find(({ kind }) => kind === 'refusal')
  if (!entry || !finding || (entry.actor !== 'client' && entry.actor !== 'server')) return null
  const { field, misconception } = finding
  // A number is shown as it was typed: its absolute value says little.
  const typed = entry.action.type === 'send' && (field === 'seq' || field === 'ack') ? entry.action.segment[field] : finding.given
  return { seat: entry.actor, field, given: typed === null || typed === '' ? null : String(typed), misconception }
}

/** Real ms: a session's tiles are sent at most so often. */
const TILES_EVERY = 250

export interface Board {
  /** A round has moved. */
  moved(news: News): void
}

export interface BoardOptions {
  /** Whose the round is; null where it is nobody's. */
  readonly info: (roundId: string) => Promise<RoundInfo | null>
  /** Whether anybody may be looking at this session. */
  readonly watched: (session: string) => boolean
  readonly send: (session: string, tiles: readonly Tile[]) => void
  readonly after?: After
}

/** Gathers what has moved, by session and pair, and sends the latest tile of each. */
export function createBoard({ info, watched, send, after = realAfter }: BoardOptions): Board {
  const moved = new Map<string, News>()

  const flush = throttled(
    TILES_EVERY,
    () => {
      const news = [...moved]
      moved.clear()
      void sendAll(news)
    },
    after,
  )

  const sendAll = async (news: readonly (readonly [string, News])[]) => {
    const rounds = await Promise.all(news.map(([roundId]) => info(roundId).catch(() => null)))
    const sessions = new Map<string, Map<string, Tile>>()
    for (const [i, round] of rounds.entries()) {
      const latest = news[i]?.[1]
      if (!round || !latest || !watched(round.session)) continue
      const tiles = sessions.get(round.session) ?? new Map<string, Tile>()
      // The room has gone on meanwhile: a tile is made of one moment.
      const entries = latest.entries.slice(0, latest.world.index)
      tiles.set(round.pair.pair, { ...round.pair, round: tileOf(round, latest.world, entries) })
      sessions.set(round.session, tiles)
    }
    for (const [session, tiles] of sessions) send(session, [...tiles.values()])
  }

  return {
    moved(news) {
      // What is tried on a round that is over changes nothing on a board, and the pair may be in the next one.
      if (news.world.over && !news.entry.effects.some((effect) => effect.is === 'over')) return
      const { roundId } = news.entry
      moved.delete(roundId) // the latest to move is the latest sent
      moved.set(roundId, news)
      flush()
    },
  }
}
