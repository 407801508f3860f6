/** A live round under test: its log, a clock that only the test moves, and the events that it published. */
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import type { Seat } from '../../protocol/seat.ts'
import { beforeEach } from 'vitest'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { LiveRound, type RoundEvent, type LiveRoundDeps } from '../../server/rounds/live-round.ts'
import { HANDSHAKE } from './handshake.ts'
import { manualTime, type ManualTime } from './time.ts'

export const ROUND = 'round-under-test'
/** Real ms after which a seat counts as idle. */
export const IDLE_AFTER = 20_000

/** Wraps a log so that the test can hold back its appends or make them fail. */
export function gated(inner: RoundLog) {
  let hold: Promise<void> | null = null
  let release = () => {}
  let fail: 'before' | 'after' | null = null
  const counts = { underway: 0, most: 0, reads: 0 }
  const log: RoundLog = {
    async append(entry) {
      counts.most = Math.max(counts.most, ++counts.underway)
      try {
        await hold
        const how = fail
        fail = null
        if (how === 'before') throw new Error('the database is gone')
        const answer = await inner.append(entry)
        if (how === 'after') throw new Error('the connection broke')
        return answer
      } finally {
        counts.underway--
      }
    },
    read(...args) {
      counts.reads++
      return inner.read(...args)
    },
  }
  return {
    log,
    counts,
    hold() {
      hold = new Promise((resolve) => (release = resolve))
    },
    release: () => {
      hold = null
      release()
    },
    failNext: (how: 'before' | 'after') => (fail = how),
  }
}

/** A round's world, including entries that other nodes have written. */
export async function freshWorld(live: LiveRound): Promise<World | null> {
  await live.catchUp()
  return live.readWorld()
}

let acts = 0
/** An act as a live round takes it, with a new id by default. `seen`: how many views it was composed on. */
export const act = (action: SeatAction, seen: number, id = `action-${++acts}`) => ({ id, seen, action })

/** Performs an action with all the views that the seat has received. */
export async function play(live: LiveRound, seat: Seat, action: SeatAction) {
  const held = await live.readViews(seat, 0)
  return live.act(seat, act(action, held.length))
}
/** Plays these acts in order; the handshake by default. */
export const playAll = async (live: LiveRound, acts = HANDSHAKE) => {
  for (const [seat, action] of acts) await play(live, seat, action)
}
/** `actor outcome` for each entry. */
export const outcomes = (entries: readonly Entry[]) => entries.map(({ actor, verdict }) => `${actor} ${verdict.outcome}`)

/** What the live rounds of the current test use. It is replaced before each test. */
export interface LiveRoundFixture {
  time: ManualTime
  log: RoundLog
  told: RoundEvent[]
  open(ports?: Partial<LiveRoundDeps>): LiveRound
  rows(): Promise<readonly Entry[]>
}

/** Sets up the log and the clock of the live rounds in a test file. */
export function liveRoundFixture(): LiveRoundFixture {
  const at: LiveRoundFixture = {
    time: manualTime(),
    log: createMemoryLog(),
    told: [],
    open: (ports) =>
      new LiveRound(ROUND, {
        log: at.log,
        now: at.time.now,
        after: at.time.after,
        tls: TLS_TOOLS,
        publish: (news) => at.told.push(news),
        idleAfterMs: IDLE_AFTER,
        ...ports,
      }),
    rows: () => at.log.read(ROUND),
  }
  beforeEach(() => Object.assign(at, { time: manualTime(), log: createMemoryLog(), told: [] }))
  return at
}
