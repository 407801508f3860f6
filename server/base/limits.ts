/**
 * What one client, one person and one address may ask of a node. Requests beyond that are refused, or the connection is closed.
 * docs/operators.md lists these limits.
 */
import type { Rate } from './token-bucket.ts'

/** Maximum number of rows of a round's log: many times what any exercise takes. */
export const MAX_ROUND_ENTRIES = 3_000

/** Limits of live connections. Bytes are counted as UTF-16 code units for text that has not been encoded yet. */
export interface LiveLimits {
  /** Events that one person may send, over all of their connections together. */
  readonly events: Rate
  /** Events that one address may send. A whole school may share one address. */
  readonly eventsPerAddress: Rate
  /** Refusals that one person is sent for exceeding `events`. After these, the connection is cut. */
  readonly refusals: Rate
  /** Messages of any kind that one connection may send: events, acknowledgements, pings. */
  readonly messages: Rate
  /** Bytes that one connection may send. */
  readonly bytesIn: Rate
  /**
   * Bytes that may wait to be sent, which accumulate when a client does not read: per connection, per person, per address, and
   * for the whole node.
   */
  readonly maxUnsentBytes: { readonly connection: number; readonly person: number; readonly address: number; readonly node: number }
  /** Simultaneous connections of one person, who may have several tabs and devices. */
  readonly maxConnectionsPerPerson: number
  /** Simultaneous connections of one address. A whole school may share one address. */
  readonly maxConnectionsPerAddress: number
  /** New connections of one person. */
  readonly connectsPerPerson: Rate
  /** New connections of one address. */
  readonly connectsPerAddress: Rate
}

const MIB = 1024 * 1024

/** The limits in production; tests may use others. */
export const LIVE_LIMITS: LiveLimits = {
  events: { burst: 40, perSecond: 20 },
  eventsPerAddress: { burst: 4_000, perSecond: 400 },
  refusals: { burst: 20, perSecond: 1 },
  messages: { burst: 200, perSecond: 60 },
  bytesIn: { burst: MIB, perSecond: MIB / 4 },
  maxUnsentBytes: { connection: 2 * MIB, person: 4 * MIB, address: 64 * MIB, node: 256 * MIB },
  maxConnectionsPerPerson: 20,
  maxConnectionsPerAddress: 4_000,
  connectsPerPerson: { burst: 30, perSecond: 1 },
  connectsPerAddress: { burst: 2_000, perSecond: 100 },
}

/** Limits of connections and HTTP requests. */
export interface HttpLimits {
  /**
   * Simultaneous TCP connections of one peer, live connections included. Trusted proxies are not limited: the connections of all clients
   * are theirs.
   */
  readonly maxConnectionsPerPeer: number
  /** Requests of one client address that are being handled, including those whose body is still arriving. */
  readonly maxRequestsPerAddress: number
  /** Bytes of answers that one address, and all together, have requested and not read yet. */
  readonly maxUnsentBytes: { readonly address: number; readonly node: number }
  /** Real ms within which a long answer must have been read. */
  readonly maxSendMs: number
}

/** The limits in production; tests may use others. */
export const HTTP_LIMITS: HttpLimits = {
  maxConnectionsPerPeer: 8_000,
  maxRequestsPerAddress: 1_000,
  maxUnsentBytes: { address: 64 * MIB, node: 256 * MIB },
  maxSendMs: 120_000,
}

/** Maximum bytes of one message on a live connection. A longer message closes the connection. */
export const MAX_MESSAGE_BYTES = 16_384
