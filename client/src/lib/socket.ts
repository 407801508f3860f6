/** The live connection: Socket.IO, typed by the contract. It reconnects by itself, and falls back to long polling if WebSockets fail. */
import { io, type Socket as RawSocket } from 'socket.io-client'
import type {
  ClientEventName,
  ClientToServer,
  EventAnswer,
  EventPayload,
  ServerToClient,
  SocketAuth,
  SocketClaim,
} from '../../../contract/events.ts'
import { WIRE_VERSION } from '../../../contract/wire-version.ts'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { Failure, Reply } from '../../../contract/answers.ts'
import { reloadOutdatedPage } from './outdated.ts'
import { tabStorage } from './storage.ts'

export type Socket = RawSocket<ServerToClient, ClientToServer>

/** Real ms before reconnecting after the server closed or refused the connection. */
const RECONNECT_AFTER_MS = 2_000
/**
 * Real ms in which a connection has to open: a proxy may leave the WebSocket request unanswered, or drop the frames that follow it. Short
 * enough that two attempts end within ten seconds.
 */
export const OPEN_TIMEOUT_MS = 4_000
/** One in so many attempts, the last, uses long polling: `ATTEMPTS` until a WebSocket has opened on this page, more after that. */
const ATTEMPTS = 2
const ATTEMPTS_AFTER_SUCCESS = 5

const reloadPage = () => (globalThis as unknown as { readonly location: { reload(): void } }).location.reload()

/** Options of every connection, also of those that only check the network. */
export const SOCKET_OPTIONS = { withCredentials: true, timeout: OPEN_TIMEOUT_MS, forceNew: true } as const

/** Connects. Calls `onBlocked` with true if no transport works although the server answers over HTTP, with false once one opens. */
export const openSocket = (claim: SocketClaim, onBlocked: (isBlocked: boolean) => void): Socket => {
  const socket: Socket = io({
    ...SOCKET_OPTIONS,
    auth: { ...claim, wire: WIRE_VERSION } satisfies SocketAuth,
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 4_000,
  })
  const manager = socket.io
  let failures = 0
  let attempts = ATTEMPTS
  let hasOpened = false
  manager.on('open', () => {
    hasOpened = true
    onBlocked(false)
    if (manager.engine.transport.name === 'polling') return // keep the counters: the next attempt uses long polling again
    failures = 0
    attempts = ATTEMPTS_AFTER_SUCCESS
  })
  manager.on('error', () => {
    failures++
    manager.opts.transports = [failures % attempts === attempts - 1 ? 'polling' : 'websocket']
    if (!hasOpened && failures >= ATTEMPTS)
      void fetch('/healthz')
        .then(({ ok }) => onBlocked(ok && !hasOpened))
        .catch(() => {})
  })
  // Socket.IO does not reconnect by itself if the server closed or refused the connection properly.
  const comeBack = () => setTimeout(() => socket.connect(), RECONNECT_AFTER_MS)
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') comeBack()
  })
  socket.on('connect_error', (error) => {
    const final = findFinalError(error)
    if (final === 'outdated') reloadOutdatedPage(tabStorage, reloadPage)
    // While nodes are upgraded one after another, the next attempt may reach one of this page's version.
    if (!socket.active && (final === null || final === 'outdated')) comeBack()
  })
  return socket
}

const FINAL_ERRORS: readonly ErrorCode[] = ['unauthenticated', 'outdated', 'forbidden', 'not-found', 'session-ended']

/** The error if the server refuses this page's connection; null if the error is temporary or the server cannot be reached. */
export const findFinalError = (error: Error & { readonly data?: Partial<Failure> }): ErrorCode | null =>
  FINAL_ERRORS.find((code) => code === error.data?.error) ?? null

/** Real ms before a request is repeated that the server could not answer. */
export const RETRY_AFTER_MS = 2_000

/** Sends an event and waits for its reply. If none comes within 10 s, or the connection breaks meanwhile, the error is `unavailable`. */
export const sendRequest = async <E extends ClientEventName>(
  socket: Socket,
  event: E,
  body: EventPayload<E>,
): Promise<Reply<EventAnswer<E>>> => {
  try {
    // Socket.IO's types cannot follow an event name that is itself a parameter.
    const sender = socket.timeout(10_000) as unknown as {
      emitWithAck(event: E, body: EventPayload<E>): Promise<Reply<EventAnswer<E>>>
    }
    return await sender.emitWithAck(event, body)
  } catch {
    return { ok: false, error: 'unavailable' }
  }
}
