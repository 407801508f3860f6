/** One node. Its classroom is the product's own code; its sockets, storage and bus are simulated. */
import { isDeepStrictEqual } from 'node:util'
import type { Place } from '../../contract/places.ts'
import { type SeatOrNetwork, SEATS } from '../../protocol/seat.ts'
import { ApiError, toFailure } from '../../server/base/api-error.ts'
import { createRetry, type Retry } from '../../server/base/retry.ts'
import type { Classroom, createClassroom } from '../../server/lessons/classroom.ts'
import type { LessonStore } from '../../server/lessons/lesson-store.ts'
import type { Library } from '../../server/lessons/library.ts'
import { createCluster } from '../../server/nodes/cluster.ts'
import type { NodeTable } from '../../server/nodes/node-table.ts'
import type { RoundEvent } from '../../server/rounds/live-round.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { type Call, createStorageCall, type Weather } from './network.ts'
import type { Referee } from './referee.ts'
import type { Reply, Request, ServerEnd } from './socket.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Virtual ms; the same value as in `server/live/sockets.ts`. */
const DRAIN_TIMEOUT_MS = 5_000

export interface NodeDeps {
  readonly name: string
  readonly time: VirtualTime
  readonly weather: Weather
  readonly referee: Referee
  /** Shared by all nodes, as are the store, the table and the library. */
  readonly log: RoundLog
  readonly store: LessonStore
  readonly table: NodeTable
  readonly library: Library
  readonly sessionId: string
  /** The product's function, or that of a copy with a planted fault. */
  readonly createClassroom: typeof createClassroom
  /** Sends a message over the bus. */
  readonly send: (text: string) => void
}

export class Node {
  readonly name: string
  alive = true
  readonly classroom: Classroom
  readonly connections = new Set<ServerEnd>()
  /** Takes a message of another node from the bus. */
  readonly receive: (text: string) => void
  /** Reports that messages may have been lost. */
  readonly onLoss: () => void
  readonly #deps: NodeDeps
  readonly #retry: Retry
  readonly #stopRetrying: () => Promise<void>
  #stopping = false

  constructor(deps: NodeDeps) {
    const { name, time, weather, log, store, table, library, send } = deps
    this.name = name
    this.#deps = deps
    const timer = time.after(`${name} timer`)
    // A crashed node runs no timers.
    const after = (ms: number, run: () => void) => timer(ms, () => void (this.alive && run()))
    const call = createStorageCall(time, weather, this)
    const { cluster, receive } = createCluster({ table: throughCalls(table, call), send, stop: async () => {} })
    this.receive = (text) => void (this.alive && receive(text))
    this.onLoss = cluster.reportLoss
    const { retry, stop } = createRetry({ report: () => {}, after })
    this.#retry = retry
    this.#stopRetrying = stop
    this.classroom = deps.createClassroom({
      store: throughCalls(store, call),
      log: throughCalls(log, call),
      library,
      cluster,
      retry: this.#retry,
      now: time.now,
      after,
      random: time.random,
      hasListeners: (roundId) => [...this.connections].some(({ place }) => roundOf(place)?.id === roundId),
    })
    this.classroom.rounds.subscribe((event) => this.#deliver(event))
    cluster.on('places', (ids) => this.#retry(() => this.#sendPlaces(ids)))
    cluster.onMessageLoss(() =>
      this.#retry(() =>
        this.#sendPlaces(
          [...this.connections].map(({ participant }) => participant),
          { onlyNews: true },
        ),
      ),
    )
  }

  /** Crashes: everything in memory is lost. */
  crash(): void {
    this.alive = false
    for (const connection of this.connections) connection.cut()
  }

  /**
   * Stops as `server/app.ts` does: waits until pending work is finished, at most DRAIN_TIMEOUT_MS. False if the node has crashed
   * meanwhile.
   */
  async stop(): Promise<boolean> {
    const { time } = this.#deps
    const { presence, rounds } = this.classroom
    this.#stopping = true
    presence.close()
    const finish = async () => {
      await rounds.settle()
      await this.#stopRetrying()
    }
    await Promise.race([
      finish(),
      new Promise<void>((resolve) => time.schedule(DRAIN_TIMEOUT_MS, `${this.name} waits no longer`, resolve)),
    ])
    if (!this.alive) return false
    for (const connection of this.connections) connection.cut()
    await rounds.close()
    this.alive = false
    return true
  }

  /** Whether the node takes new connections, and requests on existing ones. */
  get accepts(): boolean {
    return this.alive && !this.#stopping
  }

  connect(connection: ServerEnd): void {
    this.connections.add(connection)
    connection.since = this.#deps.time.elapsed
    const leave = this.classroom.presence.connect(connection.participant, this.#deps.sessionId)
    connection.onClosed(() => {
      this.connections.delete(connection)
      if (this.alive) leave()
    })
    this.#retry(async () => {
      await this.#sendPlaces([connection.participant])
      if (connection.place) await this.classroom.progress.resume(connection.place)
    })
  }

  /** Answers a request as `server/live/sockets.ts` does for an authorized participant. */
  async answer(connection: ServerEnd, { event, body }: Request): Promise<Reply> {
    const { rounds } = this.classroom
    const { referee } = this.#deps
    const { round, seat } = body
    const by = `${this.name} for ${connection.participant}`
    try {
      if (this.#stopping) throw new ApiError('unavailable', 'The server is stopping.')
      if (event === 'resume') {
        const views = await rounds.readViews(round, seat, body.from)
        referee.onUpdates(by, round, seat, views)
        return { ok: true, views }
      }
      const { id, seen, action } = body
      const views = await rounds.act(round, seat, { id, seen, action, connectionId: connection.id })
      referee.onAcknowledged(by, round, seat, id, action)
      referee.onUpdates(by, round, seat, views, { id, action })
      return { ok: true, views }
    } catch (error) {
      return toFailure(error)
    }
  }

  #deliver(event: RoundEvent): void {
    const { entry, views, connectionId } = event
    this.#deps.referee.onTold(this.name, event)
    for (const seat of [...SEATS, 'network'] as const) {
      const view = views[seat]
      if (!view) continue
      for (const connection of this.connections) {
        const at = roundOf(connection.place)
        if (at?.id === entry.roundId && at.seat === seat && connection.id !== connectionId) connection.sendView(entry.roundId, view)
      }
    }
  }

  async #sendPlaces(ids: readonly string[], { onlyNews = false } = {}): Promise<void> {
    const here = [...this.connections].filter(({ participant }) => ids.includes(participant))
    if (here.length === 0) return
    const versions = here.map((connection) => ++connection.placeVersion)
    const places = await this.classroom.places.readPlaces(here.map(({ participant }) => participant))
    for (const [i, connection] of here.entries()) {
      const place = places.find(({ me }) => me.id === connection.participant)
      if (!place || connection.placeVersion !== versions[i] || (onlyNews && isDeepStrictEqual(place, connection.place))) continue
      connection.sendPlace(place)
    }
  }
}

/** A shared service as one node reaches it: every call may be slow or fail. */
function throughCalls<T extends object>(service: T, call: Call): T {
  return new Proxy(service, {
    get(target, name) {
      const method = target[name as keyof T]
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => call(String(name), () => (method as (...args: unknown[]) => unknown)(...args))
    },
  })
}

/** The seat and the round of a place; null if it has none. */
export const roundOf = (place: Place | null): { readonly id: string; readonly seat: SeatOrNetwork } | null =>
  place?.round ?? (place?.wire ? { id: place.wire.id, seat: 'network' } : null)
