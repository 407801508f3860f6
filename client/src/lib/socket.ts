/** The live connection: Socket.IO over WebSocket only, typed by the contract. It reconnects by itself. */
import { io, type Socket as RawSocket } from 'socket.io-client'
import type { Auth, ClientToServer, Failure, ServerToClient } from '../../../contract/events.ts'

export type Socket = RawSocket<ServerToClient, ClientToServer>

type Body<E extends keyof ClientToServer> = Parameters<ClientToServer[E]>[0]
type Answer<E extends keyof ClientToServer> = Parameters<Parameters<ClientToServer[E]>[1]>[0]

export const openSocket = (auth: Auth): Socket =>
  io({ auth, transports: ['websocket'], reconnectionDelay: 500, reconnectionDelayMax: 4_000, forceNew: true })

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
