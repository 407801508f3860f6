/**
 * Ends the live connections of clients that would use up the node: who does not read what is sent, sends more than a page ever would, or opens
 * one connection after another. Socket.IO by itself keeps what waits to be sent without a bound.
 *
 * It watches Engine.IO's connections, below Socket.IO: what comes in before a greeting, pings and frames of the WebSocket itself count as well.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LiveLimits } from '../base/limits.ts'
import type { After } from '../base/timer.ts'
import { createTokenBucket, type TokenBucket } from '../base/token-bucket.ts'
import type { Io, Socket } from './typed-socket.ts'

type Connection = Socket['conn']

/** What a connection waits with, and may still do. */
interface Watched {
  readonly connection: Connection
  readonly address: string
  person: string | null
  readonly messages: TokenBucket
  readonly bytesIn: TokenBucket
  /** Bytes that the transport has not taken yet, because the client has not read what came before. */
  queued: number
  /** Of long polling: the answer that was sent last. */
  response: ServerResponse | null
  /** Unsent bytes, as counted last. */
  unsent: number
  ended: boolean
}

export interface ConnectionGuard {
  /** From now on it counts as this person's. */
  assign(connection: Connection, person: string): void
  /** Ends it at once; what waits to be sent is dropped. */
  end(connection: Connection): void
}

export interface ConnectionGuardDeps {
  readonly io: Io
  readonly limits: LiveLimits
  /** Whose request it is. */
  readonly addressOf: (request: IncomingMessage) => string
  readonly now: () => Date
  readonly after: After
}

/** Who has less than this waiting is not the one to blame where too much waits altogether. Bytes. */
const FAIR_SHARE_BYTES = 64 * 1024
/** Real ms: what has been sent meanwhile is no longer counted. */
const RECOUNT_INTERVAL_MS = 1_000
/** Addresses whose new connections are counted; at this number, all counts are reset. */
const MAX_COUNTED_ADDRESSES = 50_000

/** What `ws` and the transport of WebSockets have, and Engine.IO's types do not say. */
interface WebSocketTransport {
  readonly socket?: {
    readonly bufferedAmount: number
    terminate(): void
    on(event: 'ping' | 'pong', listener: (data: Buffer) => void): void
  }
}
const webSocketOf = (connection: Connection) => (connection.transport as unknown as WebSocketTransport).socket

/** What Engine.IO has read from a request's address. `j`: it is a script of another page. */
interface EngineQuery {
  readonly sid?: string
  readonly transport?: string
  readonly j?: string
}
export const queryOf = (request: IncomingMessage) => (request as IncomingMessage & { _query: EngineQuery })._query

/** Counts by key; a key that nothing is counted for is forgotten. */
class Counts {
  readonly #counts = new Map<string, number>()

  get(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  add(key: string, change: number): void {
    const count = this.get(key) + change
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, count)
  }
}

export function guardConnections({ io, limits, addressOf, now, after }: ConnectionGuardDeps): ConnectionGuard {
  const time = () => now().getTime()
  const { maxUnsentBytes } = limits
  const watchedById = new Map<string, Watched>()
  const watchedOf = new WeakMap<Connection, Watched>()
  const connectionsOfAddress = new Counts()
  const unsentOfAddress = new Counts()
  const unsentOfPerson = new Counts()
  let unsentOfNode = 0
  const connects = new Map<string, TokenBucket>()

  const end = (watched: Watched) => {
    watched.ended = true
    const webSocket = webSocketOf(watched.connection)
    if (webSocket) return webSocket.terminate()
    watched.response?.socket?.destroy()
    watched.connection.close(true)
  }

  const countUnsent = (watched: Watched, unsent: number) => {
    const change = unsent - watched.unsent
    if (change === 0) return
    watched.unsent = unsent
    unsentOfNode += change
    unsentOfAddress.add(watched.address, change)
    if (watched.person !== null) unsentOfPerson.add(watched.person, change)
  }

  /** Counts what waits to be sent, and ends the connection where that is too much. */
  const weigh = (watched: Watched) => {
    const { connection, response, queued, address, person } = watched
    const inTransport = webSocketOf(connection)?.bufferedAmount ?? (response?.writableFinished ? 0 : response?.writableLength) ?? 0
    countUnsent(watched, queued + inTransport)
    if (watched.ended) return
    const isTooMuch =
      watched.unsent > maxUnsentBytes.connection ||
      (watched.unsent > FAIR_SHARE_BYTES &&
        (unsentOfNode > maxUnsentBytes.node ||
          unsentOfAddress.get(address) > maxUnsentBytes.address ||
          (person !== null && unsentOfPerson.get(person) > maxUnsentBytes.person)))
    if (isTooMuch) end(watched)
  }

  const countMessage = (watched: Watched, bytes: number) => {
    if (watched.ended) return
    if (watched.messages.take() > 0 || watched.bytesIn.take(bytes) > 0) end(watched)
  }

  const mayConnect = (address: string): boolean => {
    if (connects.size >= MAX_COUNTED_ADDRESSES) connects.clear()
    const bucket = connects.get(address) ?? createTokenBucket(limits.connectsPerAddress, time)
    connects.set(address, bucket)
    return bucket.take() === 0 && connectionsOfAddress.get(address) < limits.maxConnectionsPerAddress
  }

  io.engine.use((request: IncomingMessage, response: ServerResponse, next: (error?: Error) => void) => {
    const { sid, transport, j } = queryOf(request)
    if (j !== undefined) return next(new Error('no page of ours asks by a script'))
    const watched = sid === undefined ? undefined : watchedById.get(sid)
    if (!watched) return next(mayConnect(addressOf(request)) ? undefined : new Error('too many connections'))
    if (transport !== 'polling') return next(new Error('a connection keeps its transport')) // what is upgraded would not be watched
    if (request.method === 'GET') {
      // Who has read an answer asks for the next one. This one asks without having read.
      const { response: last } = watched
      if (last?.writableEnded && !last.writableFinished) end(watched)
      watched.response = response
    }
    next()
  })

  io.engine.on('connection', (connection: Connection) => {
    const address = addressOf(connection.request)
    const watched: Watched = {
      connection,
      address,
      person: null,
      messages: createTokenBucket(limits.messages, time),
      bytesIn: createTokenBucket(limits.bytesIn, time),
      queued: 0,
      response: null,
      unsent: 0,
      ended: false,
    }
    const { id } = connection as unknown as { readonly id: string } // private in one of two declarations
    watchedById.set(id, watched)
    watchedOf.set(connection, watched)
    connectionsOfAddress.add(address, 1)

    connection.on('packet', ({ data }: { readonly data?: string | Buffer }) => countMessage(watched, data?.length ?? 0))
    const webSocket = webSocketOf(connection)
    webSocket?.on('ping', ({ length }) => countMessage(watched, length))
    webSocket?.on('pong', ({ length }) => countMessage(watched, length))
    connection.on('packetCreate', ({ data }: { readonly data?: string | Buffer }) => {
      watched.queued += data?.length ?? 0
      weigh(watched)
    })
    connection.on('flush', () => {
      watched.queued = 0
    })
    connection.once('close', () => {
      countUnsent(watched, 0)
      watchedById.delete(id)
      connectionsOfAddress.add(address, -1)
    })
  })

  const recount = () => {
    for (const watched of watchedById.values()) if (watched.unsent > 0) weigh(watched)
    after(RECOUNT_INTERVAL_MS, recount)
  }
  after(RECOUNT_INTERVAL_MS, recount)

  return {
    assign(connection, person) {
      const watched = watchedOf.get(connection)
      if (!watched || watched.person === person) return
      const { unsent } = watched
      countUnsent(watched, 0)
      watched.person = person
      countUnsent(watched, unsent)
    },
    end(connection) {
      const watched = watchedOf.get(connection)
      if (watched) end(watched)
    },
  }
}
