/** The three-way handshake as seats play it: every action of a round without errors, in order. */
import type { Seat } from '../../protocol/seat.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Level } from '../../protocol/round/model/exercise.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { ACK, SYN } from '../../protocol/segment.ts'
import type { State } from '../../protocol/tcp/tcb.ts'
import { exercises } from './exercises.ts'

const handshake = exercises.get('handshake')!

/** The round's script, with ISS 1000 for the client and 5000 for the server. */
export function handshakeScript(level: Level = 'guided'): Script {
  const draws = [1000 / 2 ** 32, 5000 / 2 ** 32]
  return instantiateExercise(handshake, level, () => draws.shift() ?? 0)
}

const send = (bits: number, seq: string, ack: string, state: State): SeatAction => ({
  kind: 'send',
  segment: { bits, seq, ack, length: 0 },
  state,
})

export const LISTENS: SeatAction = { kind: 'call', call: { call: 'OPEN', mode: 'passive' } }
export const OPENS: SeatAction = { kind: 'call', call: { call: 'OPEN', mode: 'active' } }
export const SENDS_SYN = send(SYN, 'x', '', 'SYN-SENT')
export const ANSWERS = send(SYN | ACK, 'y', 'x+1', 'SYN-RECEIVED')
export const ACKNOWLEDGES = send(ACK, 'x+1', 'y+1', 'ESTABLISHED')
/** Refused, because it acknowledges x: the SYN occupies one sequence number. */
export const ANSWERS_WRONG = send(SYN | ACK, 'y', 'x', 'SYN-RECEIVED')

/** The handshake's actions in order. The last one is a claim, which names the view in which the ACK arrived. */
export const HANDSHAKE: readonly (readonly [Seat, SeatAction])[] = [
  ['server', LISTENS],
  ['client', OPENS],
  ['client', SENDS_SYN],
  ['server', ANSWERS],
  ['client', ACKNOWLEDGES],
]
