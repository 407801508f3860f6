/** The two ends of a connection, each played by a student or by the built-in partner. TLS's client and server are the same two. */

export const SEATS = ['client', 'server'] as const
/** One of the two hosts, and whoever plays it. */
export type Seat = (typeof SEATS)[number]

/** A participant of a round: one of the hosts, or the wire between them. */
export type SeatOrNetwork = Seat | 'network'

export const peerOf = (seat: Seat): Seat => (seat === 'client' ? 'server' : 'client')
