/** The Socket.IO server and the membership of its channels. This module does not depend on lessons or rounds. */
import { type SeatOrNetwork, SEATS } from '../../protocol/seat.ts'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { Server } from 'socket.io'
import { MAX_MESSAGE_BYTES, type LiveLimits } from '../base/limits.ts'
import { isSameOrigin } from '../base/origin.ts'
import type { After } from '../base/timer.ts'
import { guardConnections, queryOf, type ConnectionGuard } from './connection-guard.ts'
import type { Io, Socket } from './typed-socket.ts'

/** Names of Socket.IO rooms. */
export const channelNames = {
  participant: (id: string) => `participant:${id}`,
  session: (id: string) => `session:${id}`,
  seat: (round: string, seat: SeatOrNetwork) => `seat:${round}:${seat}`,
  roundFollowers: (round: string) => `round:${round}`,
  boardWatchers: (session: string) => `board:${session}`,
  classWatchers: (session: string) => `class:${session}`,
}

/** The sockets of this node, by channel. */
export interface Channels {
  readonly io: Io
  readonly guard: ConnectionGuard
  forEachSocket(channel: string, work: (socket: Socket) => void): void
  hasSockets(channel: string): boolean
  /** Ids of the sessions whose board a socket of this node watches. */
  watchedSessions(): ReadonlySet<string>
  /** Whether a socket of this node plays or follows this round. */
  hasListeners(roundId: string): boolean
  /** Refuses new connections from now on. */
  refuseNew(): void
  /** Closes all connections. */
  close(): Promise<void>
}

/** Real ms. */
const CONNECT_TIMEOUT_MS = 5_000
const CLOSE_TIMEOUT_MS = 500

export interface ChannelsDeps {
  readonly server: HttpServer
  /** BASE_URL; null if people use the machine's own addresses. */
  readonly baseUrl: string | null
  readonly limits: LiveLimits
  /** The client address of a request. */
  readonly addressOf: (request: IncomingMessage) => string
  readonly now: () => Date
  readonly after: After
}

export function createChannels({ server, baseUrl, limits, addressOf, now, after }: ChannelsDeps): Channels {
  let closing = false
  const io: Io = new Server(server, {
    serveClient: false,
    // Long polling is for networks that block WebSockets. A connection keeps its transport, because the guard does not observe an
    // upgraded one.
    transports: ['websocket', 'polling'],
    allowUpgrades: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    connectTimeout: CONNECT_TIMEOUT_MS,
  })
  const { adapter, sockets } = io.of('/')
  io.engine.use((request: IncomingMessage, _response: unknown, next: (error?: Error) => void) => {
    if (closing && queryOf(request).sid === undefined) return next(new Error('the server is stopping'))
    // Browsers add the cookies by themselves, so a page of another site must not be able to act with them. Clients that are not
    // browsers send no Origin.
    const { origin, host } = request.headers
    next(origin === undefined || isSameOrigin(origin, host, baseUrl) ? undefined : new Error('a page of another site'))
  })
  const guard = guardConnections({ io, limits, addressOf, now, after })

  const tcpConnections = new Set<Duplex>()
  server.on('upgrade', (_request, connection) => {
    tcpConnections.add(connection)
    connection.once('close', () => tcpConnections.delete(connection))
  })

  const watchedSessions = new Set<string>()
  const boardPrefix = channelNames.boardWatchers('')
  adapter.on('create-room', (name: string) => {
    if (name.startsWith(boardPrefix)) watchedSessions.add(name.slice(boardPrefix.length))
  })
  adapter.on('delete-room', (name: string) => {
    if (name.startsWith(boardPrefix)) watchedSessions.delete(name.slice(boardPrefix.length))
  })

  const hasSockets = (channel: string) => adapter.rooms.has(channel)

  return {
    io,
    guard,
    hasSockets,
    // Cheaper than `io.to` for the one or two sockets of these channels: `io.to` encodes a message only once but does more work
    // per call.
    forEachSocket(channel, work) {
      for (const id of adapter.rooms.get(channel) ?? []) {
        const socket = sockets.get(id)
        if (socket) work(socket)
      }
    },
    watchedSessions: () => watchedSessions,
    hasListeners: (roundId) =>
      ([...SEATS, 'network'] as const).some((seat) => hasSockets(channelNames.seat(roundId, seat))) ||
      hasSockets(channelNames.roundFollowers(roundId)),
    refuseNew: () => void (closing = true),
    async close() {
      const closed = [...tcpConnections].map((connection) => new Promise<void>((resolve) => connection.once('close', resolve)))
      io.disconnectSockets(true)
      await Promise.race([Promise.all(closed), new Promise<void>((resolve) => after(CLOSE_TIMEOUT_MS, resolve))])
      for (const connection of tcpConnections) connection.destroy() // those that did not answer the close
      io.engine.close()
    },
  }
}
