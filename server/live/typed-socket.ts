/**
 * The types of Socket.IO's server and sockets with the contract's events, and the data that this server keeps for each socket.
 */
import type { Server, Socket as RawSocket } from 'socket.io'
import type { ClientToServer, ServerToClient } from '../../contract/events.ts'
import type { Place } from '../../contract/places.ts'
import type { Principal } from '../identity/auth.ts'
import type { Person } from './people.ts'

/** What the server keeps for each socket. */
export interface SocketData {
  principal: Principal
  person: Person
  /** The place last sent, and the number of the query that produced it: older results are dropped. */
  place: Place | null
  placeVersion: number
  /** Ends the presence by this connection; to be called once. */
  leave: (() => void) | null
}
type NoEvents = Record<never, never>
export type Io = Server<ClientToServer, ServerToClient, NoEvents, SocketData>
export type Socket = RawSocket<ClientToServer, ServerToClient, NoEvents, SocketData>
