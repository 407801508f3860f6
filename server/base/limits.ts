/** What one client, one person and one address may ask of a node. Whoever asks for more is told so, or disconnected. docs/operators.md lists them. */
import type { Rate } from './token-bucket.ts'

/** Rows of a round's log: many times what any exercise takes. */
export const MAX_ROUND_ENTRIES = 3_000

/** Bounds of live connections. Bytes are counted as UTF-16 code units where a text has not been encoded yet. */
export interface LiveLimits {
  /** Events that one person may send, over all connections. */
  readonly events: Rate
  /** How often somebody who sends more than that is told so. Then the connection is cut. */
  readonly refusals: Rate
  /** Messages of one connection, of whatever kind: events, acknowledgements, pings. */
  readonly messages: Rate
  /** Bytes that one connection may send. */
  readonly bytesIn: Rate
  /** Bytes that wait to be sent, as a client that does not read leaves them: to one connection, to all of one person, of one address, of the node. */
  readonly maxUnsentBytes: { readonly connection: number; readonly person: number; readonly address: number; readonly node: number }
  /** Connections of one person: tabs and devices. */
  readonly maxConnectionsPerPerson: number
  /** Live connections of one address. A whole school is one address. */
  readonly maxConnectionsPerAddress: number
  /** New connections of one person. */
  readonly connectsPerPerson: Rate
  /** New connections of one address. */
  readonly connectsPerAddress: Rate
}

const MIB = 1024 * 1024

export const LIVE_LIMITS: LiveLimits = {
  events: { burst: 40, perSecond: 20 },
  refusals: { burst: 20, perSecond: 1 },
  messages: { burst: 200, perSecond: 60 },
  bytesIn: { burst: MIB, perSecond: MIB / 4 },
  maxUnsentBytes: { connection: 2 * MIB, person: 4 * MIB, address: 64 * MIB, node: 256 * MIB },
  maxConnectionsPerPerson: 20,
  maxConnectionsPerAddress: 4_000,
  connectsPerPerson: { burst: 60, perSecond: 2 },
  connectsPerAddress: { burst: 4_000, perSecond: 400 },
}

/** Bytes of one message of a live connection. A longer one closes it. */
export const MAX_MESSAGE_BYTES = 16_384
