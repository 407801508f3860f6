/** What each side knows about the connection, which shows why a handshake needs three segments. Pure. */
import { SEATS, type Seat } from '../../../protocol/seat.ts'
import { gt, le } from '../../../protocol/seq.ts'
import type { ReplayStep } from '../timeline/replay-steps.ts'

export const KNOWLEDGE_KINDS = ['hears', 'heard'] as const

/**
 * - `hears`: the side knows that it hears the peer, since a SYN has arrived.
 * - `heard`: the side knows that the peer hears it, since an acknowledgment of its own SYN has arrived.
 *
 * Knowledge comes from segments that have arrived, correct or not, and is lost with the TCB. Assumptions of a rule set do not count.
 */
export type Knowledge = { readonly [L in (typeof KNOWLEDGE_KINDS)[number]]: boolean }

const NO_KNOWLEDGE: Knowledge = { hears: false, heard: false }

/** Both sides after each step. */
export function trackKnowledge(steps: readonly ReplayStep[]): { readonly [S in Seat]: Knowledge }[] {
  let known: { readonly [S in Seat]: Knowledge } = { client: NO_KNOWLEDGE, server: NO_KNOWLEDGE }
  return steps.map((step) => {
    const [client, server] = SEATS.map((seat) => updateKnowledge(known[seat], step, seat)) as [Knowledge, Knowledge]
    return (known = { client, server })
  })
}

function updateKnowledge(known: Knowledge, { headline, after }: ReplayStep, seat: Seat): Knowledge {
  const { irs, iss, snd } = after.hosts[seat].tcb
  if (irs === null) return NO_KNOWLEDGE
  if (headline?.kind === 'begun' || headline?.kind === 'scene') return { hears: true, heard: snd.una !== iss }
  if (headline?.kind !== 'arrived' || headline.effect.to !== seat) return known
  const { stranger, segment } = headline.flight
  const ack = stranger === undefined ? segment.ack : null
  return { hears: true, heard: known.heard || (ack !== null && gt(ack, iss) && le(ack, snd.una)) }
}
