/** The three-way handshake as rows of a ladder, in the steps in which the home page shows them. */
import { ACK, SYN } from '../../../protocol/segment.ts'
import type { Seat } from '../../../protocol/seat.ts'
import { peerOf } from '../../../protocol/seat.ts'
import type { State } from '../../../protocol/tcp/states.ts'
import type { LadderRow } from '../ladder/rows.ts'

const state = (seat: Seat, state: State): LadderRow => ({ kind: 'state', seat, at: 0, state })

function flight(from: Seat, id: number, bits: number, seq: string, ack: string | null): LadderRow[] {
  const segment = { id, bits, seq, ack, length: 0 }
  return [
    { kind: 'sent', seat: from, at: 0, segment, by: 'seat', useless: false },
    { kind: 'arrived', seat: peerOf(from), at: 0, segment },
  ]
}

/** Each step is shown a moment after the one before it. */
export const HANDSHAKE_STEPS: readonly (readonly LadderRow[])[] = [
  [state('client', 'CLOSED'), state('server', 'LISTEN')],
  [...flight('client', 1, SYN, 'x', null), state('client', 'SYN-SENT')],
  [...flight('server', 2, SYN | ACK, 'y', 'x+1'), state('server', 'SYN-RECEIVED')],
  [...flight('client', 3, ACK, 'x+1', 'y+1'), state('client', 'ESTABLISHED')],
  [state('server', 'ESTABLISHED')],
]
