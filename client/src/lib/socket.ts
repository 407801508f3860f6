/** The live connection: Socket.IO over WebSocket only, typed by the contract. It reconnects by itself. */
import { io, type Socket as RawSocket } from 'socket.io-client'
import {
  ERRORS,
  type Auth,
  type ClientToServer,
  type ErrorCode,
  type Failure,
  type ServerToClient,
} from '../../../contract/events.ts'

export type Socket = RawSocket<ServerToClient, ClientToServer>

type Body<E extends keyof ClientToServer> = Parameters<ClientToServer[E]>[0]
type Answer<E extends keyof ClientToServer> = Parameters<Parameters<ClientToServer[E]>[1]>[0]

export const openSocket = (auth: Auth): Socket => {
  const socket: Socket = io({
    auth,
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 4_000,
    forceNew: true,
  })
  // Socket.IO takes a server that stops in good order for a farewell, and does not come back by itself.
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') setTimeout(() => socket.connect(), 1_000)
  })
  return socket
}

/** Why the server refuses this connection for good; null where it cannot be reached and is tried again. */
export const denial = (error: Error): ErrorCode | null => ERRORS.find((code) => code === error.message) ?? null

/** Sends an event and waits for its reply; no reply within 10 s, or a connection that breaks meanwhile, is `unavailable`. */
export const ask = async <E extends keyof ClientToServer>(
  socket: Socket,
  event: E,
  body: Body<E>,
): Promise<Answer<E> | Failure> => {
  try {
    // Socket.IO's types cannot follow an event name that is itself a parameter.
    const sender = socket.timeout(10_000) as unknown as { emitWithAck(event: E, body: Body<E>): Promise<Answer<E>> }
    return await sender.emitWithAck(event, body)
  } catch {
    return { ok: false, error: 'unavailable' }
  }
}
