/** What each side knows of the connection: why a handshake takes three segments. Pure. */
import { gt, le } from '../../../protocol/seq.ts'
import { SEATS, type Seat } from '../../../protocol/world/exercise.ts'
import type { Step } from './steps.ts'

export const LAMPS = ['hears', 'heard'] as const

/**
 * - `hears`: it knows that it hears the peer, since a SYN has come.
 * - `heard`: it knows that the peer hears it, since an acknowledgment of its own SYN has come.
 *
 * A side takes what arrives for what it says, right or not, and forgets it with its TCB. What a rule lets it assume, it does not know.
 */
export type Knowledge = { readonly [L in (typeof LAMPS)[number]]: boolean }

const NOTHING: Knowledge = { hears: false, heard: false }

/** Both sides after each step. */
export function knowledgeOf(steps: readonly Step[]): { readonly [S in Seat]: Knowledge }[] {
  let known: { readonly [S in Seat]: Knowledge } = { client: NOTHING, server: NOTHING }
  return steps.map((step) => {
    const [client, server] = SEATS.map((seat) => learns(known[seat], step, seat)) as [Knowledge, Knowledge]
    return (known = { client, server })
  })
}

function learns(known: Knowledge, { headline, before, after }: Step, seat: Seat): Knowledge {
  const { irs, iss, snd } = after.hosts[seat].tcb
  if (irs === null) return NOTHING
  if (headline?.is === 'begun' || headline?.is === 'scene') return { hears: true, heard: snd.una !== iss }
  if (headline?.is !== 'arrived' || headline.to !== seat) return known
  const flight = before?.wire.find(({ id }) => id === headline.id)
  const ack = flight?.stranger === undefined ? flight?.segment.ack : null
  return { hears: true, heard: known.heard || (typeof ack === 'number' && gt(ack, iss) && le(ack, snd.una)) }
}
