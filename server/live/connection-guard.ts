/**
 * Ends the live connections of clients that would exhaust the node: those that do not read what is sent to them, send more than a
 * page ever would, or open one connection after another. Socket.IO itself does not limit how much data waits to be sent.
 *
 * The guard observes the connections of Engine.IO, the layer below Socket.IO, so that it also counts data before the Socket.IO
 * handshake, pings, and the WebSocket's own frames.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Counts } from '../base/counts.ts'
import type { LiveLimits } from '../base/limits.ts'
import type { After } from '../base/timer.ts'
import { createTokenBucket, type TokenBucket } from '../base/token-bucket.ts'
import type { Io, Socket } from './typed-socket.ts'

type Connection = Socket['conn']

/** The guard's state of one connection: unsent data, and what is left of its rate limits. */
interface Watched {
  readonly connection: Connection
  readonly address: string
  person: string | null
  readonly messages: TokenBucket
  readonly bytesIn: TokenBucket
  /** Bytes that have not been passed to the transport yet, because the client has not read earlier data. */
  queued: number
  /** Long polling only: the response that was sent last. */
  response: ServerResponse | null
  /** The number of unsent bytes at the last count. */
  unsent: number
  ended: boolean
}

/** What is left of the rate limits of an address. */
interface AddressBuckets {
  readonly connects: TokenBucket
  readonly events: TokenBucket
}

/** Limits the connections of this node. */
export interface ConnectionGuard {
  /** Assigns a connection to a person, against whose limits it then counts. */
  assign(connection: Connection, person: string): void
  /** Counts an event against the limit of the connection's address. Returns the seconds until one more is allowed; 0 if this one is. */
  takeEvent(connection: Connection): number
  /** Ends a connection at once; unsent data is dropped. */
  end(connection: Connection): void
}

export interface ConnectionGuardDeps {
  readonly io: Io
  readonly limits: LiveLimits
  /** The client address of a request. */
  readonly addressOf: (request: IncomingMessage) => string
  readonly now: () => Date
  readonly after: After
}

/**
 * Bytes. A connection with fewer unsent bytes is not ended when a limit of its person, its address or the node is exceeded: it is
 * not the cause.
 */
const FAIR_SHARE_BYTES = 64 * 1024
/** Real ms between recounts, which no longer count what has been sent in the meantime. */
const RECOUNT_INTERVAL_MS = 1_000
/** Maximum number of addresses whose new connections and events are counted; at this number, all counts are reset. */
const MAX_COUNTED_ADDRESSES = 50_000

/** Properties of `ws` and of the WebSocket transport that Engine.IO's types do not declare. */
interface WebSocketTransport {
  readonly socket?: {
    readonly bufferedAmount: number
    terminate(): void
    on(event: 'ping' | 'pong', listener: (data: Buffer) => void): void
  }
}
const webSocketOf = (connection: Connection) => (connection.transport as unknown as WebSocketTransport).socket

/** The query parameters of a request that Engine.IO has parsed. `j` is set for JSONP, that is, for a script of another page. */
interface EngineQuery {
  readonly sid?: string
  readonly transport?: string
  readonly j?: string
}
/** The query parameters of a request to Engine.IO. */
export const queryOf = (request: IncomingMessage) => (request as IncomingMessage & { _query: EngineQuery })._query

/** Starts to observe all connections of `io`, and ends those that exceed a limit. */
export function guardConnections({ io, limits, addressOf, now, after }: ConnectionGuardDeps): ConnectionGuard {
  const time = () => now().getTime()
  const { maxUnsentBytes } = limits
  const watchedById = new Map<string, Watched>()
  const watchedOf = new WeakMap<Connection, Watched>()
  const connectionsOfAddress = new Counts()
  const unsentOfAddress = new Counts()
  const unsentOfPerson = new Counts()
  let unsentOfNode = 0
  const buckets = new Map<string, AddressBuckets>()

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

  /** Counts the unsent bytes of a connection, and ends it if they exceed a limit. */
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

  const bucketsOf = (address: string): AddressBuckets => {
    const known = buckets.get(address)
    if (known) return known
    if (buckets.size >= MAX_COUNTED_ADDRESSES) buckets.clear()
    const full = {
      connects: createTokenBucket(limits.connectsPerAddress, time),
      events: createTokenBucket(limits.eventsPerAddress, time),
    }
    buckets.set(address, full)
    return full
  }

  const mayConnect = (address: string): boolean =>
    bucketsOf(address).connects.take() === 0 && connectionsOfAddress.get(address) < limits.maxConnectionsPerAddress

  io.engine.use((request: IncomingMessage, response: ServerResponse, next: (error?: Error) => void) => {
    const { sid, transport, j } = queryOf(request)
    if (j !== undefined) return next(new Error('no page of ours asks by a script'))
    const watched = sid === undefined ? undefined : watchedById.get(sid)
    if (!watched) return next(mayConnect(addressOf(request)) ? undefined : new Error('too many connections'))
    if (transport !== 'polling') return next(new Error('a connection keeps its transport')) // an upgraded transport would not be observed
    if (request.method === 'GET') {
      // A client that has read a response requests the next one. If the last response has not been fully sent, the client has not
      // read it.
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
    const { id } = connection as unknown as { readonly id: string } // private in one of its two declarations
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
    takeEvent(connection) {
      const watched = watchedOf.get(connection)
      return watched ? bucketsOf(watched.address).events.take() : 0
    },
    end(connection) {
      const watched = watchedOf.get(connection)
      if (watched) end(watched)
    },
  }
}
