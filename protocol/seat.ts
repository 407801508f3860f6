/** The two ends of a connection. At each a student or the built-in partner has a seat; TLS calls the same two client and server. */

export const SEATS = ['client', 'server'] as const
/** Who plays a host. */
export type Seat = (typeof SEATS)[number]

/** Who may play a part in a round: a host, or the wire between them. */
export type SeatOrNetwork = Seat | 'network'

export const peerOf = (seat: Seat): Seat => (seat === 'client' ? 'server' : 'client')
