/** The rounds that this node has in memory. A round is read from the log when it is asked for, and dropped when it has been quiet. */
import type { ControlAction, Entry, WireAction } from '../protocol/world/action.ts'
import type { AnySeat } from '../protocol/world/exercise.ts'
import type { Script } from '../protocol/world/script.ts'
import type { Texts } from '../protocol/world/views.ts'
import type { World } from '../protocol/world/world.ts'
import type { Cluster } from './cluster.ts'
import { Failed } from './failed.ts'
import type { Log } from './log.ts'
import { Room, type News, type SeatAct, type ViewOf } from './room.ts'
import { after as realAfter, type After } from './timer.ts'

export interface Rooms {
  /** Begins a round; one that has begun stays as it is. */
  start(roundId: string, script: Script): Promise<void>
  /** Appends an action of the teacher or the system; one that does not apply now, or has been done, changes nothing. */
  control(roundId: string, action: ControlAction | WireAction, actor: 'teacher' | 'system'): Promise<void>
  /** See `Room.act`. */
  act<S extends AnySeat>(roundId: string, seat: S, act: SeatAct<S>): Promise<readonly ViewOf<S>[]>
  /** A seat's views after number `from`. */
  views<S extends AnySeat>(roundId: string, seat: S, from: number): Promise<readonly ViewOf<S>[]>
  /** The round's whole log; empty where there is no such round. */
  entries(roundId: string): Promise<readonly Entry[]>
  /** Null where the round has not begun. */
  world(roundId: string): Promise<World | null>
  /** Takes nothing more in, and resolves when what is under way has been written. */
  close(): Promise<void>
}

/** Real ms. */
const IDLE_AFTER = 20_000
const KEPT = 5 * 60_000
const SWEEP_EVERY = 60_000

export interface RoomsOptions {
  readonly log: Log
  readonly now: () => Date
  /** Hears of every entry of the rounds in memory, whoever wrote it. Must not throw. */
  readonly publish: (news: News) => void
  readonly cluster: Cluster
  /** Somebody on this node listens to the round: it stays in memory. */
  readonly heldBy?: (roundId: string) => boolean
  readonly texts?: (script: Script) => Promise<Texts>
  readonly idleAfter?: number
  readonly after?: After
}

export function createRooms(options: RoomsOptions): Rooms {
  const { log, now, publish, cluster, heldBy = () => false } = options
  const { texts, idleAfter = IDLE_AFTER, after = realAfter } = options
  const rooms = new Map<string, { readonly room: Room; usedAt: number }>()
  let closing = false

  const ports = {
    log,
    now,
    after,
    idleAfter,
    texts,
    publish(news: News) {
      if (news.source === 'own') cluster.tell('entry', news.entry)
      publish(news)
    },
  }

  const open = (roundId: string): Room => {
    if (closing) throw new Failed('unavailable', 'The server is stopping.')
    const known = rooms.get(roundId)
    if (known) {
      known.usedAt = now().getTime()
      return known.room
    }
    const room = new Room(roundId, ports)
    rooms.set(roundId, { room, usedAt: now().getTime() })
    return room
  }

  cluster.on('entry', (entry) => {
    rooms
      .get(entry.roundId)
      ?.room.heard(entry)
      .catch(() => {}) // it will read the log when it is next asked
  })
  cluster.onGap(() => {
    for (const { room } of rooms.values()) room.catchUp().catch(() => {})
  })

  const sweep = () => {
    const before = now().getTime() - KEPT
    for (const [roundId, { room, usedAt }] of rooms) {
      if (usedAt < before && room.resting && !heldBy(roundId)) rooms.delete(roundId)
    }
    callOffSweep = after(SWEEP_EVERY, sweep)
  }
  let callOffSweep = after(SWEEP_EVERY, sweep)

  return {
    start: async (roundId, script) => open(roundId).start(script),
    control: async (roundId, action, actor) => open(roundId).control(actor, action),
    act: async (roundId, seat, act) => open(roundId).act(seat, act),
    views: async (roundId, seat, from) => open(roundId).views(seat, from, cluster.shared),
    entries: async (roundId) => open(roundId).entries(cluster.shared),
    world: async (roundId) => open(roundId).world(cluster.shared),
    async close() {
      closing = true
      callOffSweep()
      await Promise.all([...rooms.values()].map(({ room }) => room.close()))
    },
  }
}
