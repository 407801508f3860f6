/** The live connection: Socket.IO, typed by the contract. It reconnects by itself, and goes by long polling where no WebSocket passes. */
import { io, type Socket as RawSocket } from 'socket.io-client'
import type {
  ClientEventName,
  ClientToServer,
  EventAnswer,
  EventPayload,
  ServerToClient,
  SocketAuth,
} from '../../../contract/events.ts'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { Failure, Reply } from '../../../contract/answers.ts'

export type Socket = RawSocket<ServerToClient, ClientToServer>

/** Real ms before a connection that the server itself has closed or refused is tried again. */
const RECONNECT_AFTER_MS = 2_000
/**
 * Real ms in which a connection has to open: a proxy may leave the request for a WebSocket unanswered, or swallow what comes after it. Two
 * attempts are over within ten seconds.
 */
const OPEN_TIMEOUT_MS = 4_000
/** Of so many attempts the last goes by long polling: where no WebSocket has opened in this page, and where one has. */
const ATTEMPTS = 2
const ATTEMPTS_AFTER_SUCCESS = 5

export const SOCKET_OPTIONS = { withCredentials: true, timeout: OPEN_TIMEOUT_MS, forceNew: true } as const

/** `onBlocked` is told that neither transport passes although the server gives pages, and when one does. */
export const openSocket = (auth: SocketAuth, onBlocked: (isBlocked: boolean) => void): Socket => {
  const socket: Socket = io({
    ...SOCKET_OPTIONS,
    auth,
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
    if (manager.engine.transport.name === 'polling') return // the next attempt goes the same way
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
  // Socket.IO takes what a server says in good order for final, and does not come back by itself.
  const comeBack = () => setTimeout(() => socket.connect(), RECONNECT_AFTER_MS)
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') comeBack()
  })
  socket.on('connect_error', (error) => {
    if (!socket.active && findFinalError(error) === null) comeBack()
  })
  return socket
}

const FINAL_ERRORS: readonly ErrorCode[] = ['unauthenticated', 'forbidden', 'not-found', 'session-ended']

/** Why the server refuses this connection for good; null where it cannot be reached, or not now. */
export const findFinalError = (error: Error & { readonly data?: Partial<Failure> }): ErrorCode | null =>
  FINAL_ERRORS.find((code) => code === error.data?.error) ?? null

/** ms before asking again where the server could not answer. */
export const RETRY_AFTER_MS = 2_000

/** Sends an event and waits for its reply; no reply within 10 s, or a connection that breaks meanwhile, is `unavailable`. */
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
