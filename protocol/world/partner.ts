/**
 * The built-in partner: a player who pays what its TCP owes and makes its application's calls, and does nothing else. It writes its acts as a
 * person would, and they are judged like anybody's. Pure: the same world, style and seed give the same act.
 */
import { formatNumber } from '../notation.ts'
import type { Answer, SeatAction } from './action.ts'
import { answer, nextAct } from './answer.ts'
import { openQuestion } from './conditions.ts'
import type { Seat } from './exercise.ts'
import { seeded } from './seeded.ts'
import type { Partner } from './script.ts'
import { goalReached } from './settle.ts'
import { notationOf, type World } from './world.ts'

export interface Move {
  readonly action: SeatAction
  /** Real ms that a person would take for it. */
  readonly after: number
}

/** Real ms, at least and at most. A wait is lodged at once: it keeps nobody from anything. */
const PACE: { readonly [A in Answer['act']]: readonly [number, number] } = {
  send: [2_500, 6_000],
  call: [1_200, 2_500],
  write: [3_000, 8_000],
  claim: [1_500, 3_500],
  discard: [1_500, 3_000],
  answer: [2_000, 4_000],
  wait: [0, 0],
}
const SLOWER = 3

/** What the partner does next in this seat; null while it can only wait and has said so, or has no part left in a scene at its goal. */
export function partnerMove(world: World, seat: Seat, { style, pace }: Partner): Move | null {
  if (world.over || world.paused) return null
  if (goalReached(world) && !openQuestion(world, seat)) return null
  const what = (style === 'piggybacking' && applicationFirst(world, seat)) || answer(world, seat)
  if (what.act === 'wait' && world.seats[seat].lodged) return null
  if (pace === 'at-once') return { action: written(world, seat, what), after: 0 }
  const [least, most] = PACE[what.act]
  const after = least + (most - least) * seeded(world.script.seed ^ world.index)()
  return { action: written(world, seat, what), after: Math.round(after * (style === 'slow' ? SLOWER : 1)) }
}

/** What the application has to do now, before any segment is answered. A question comes before that, too. */
const applicationFirst = (world: World, seat: Seat): Answer | null =>
  world.hosts[seat].tcb.owes.length > 0 && !openQuestion(world, seat) ? nextAct(world, seat) : null

/** What is to be done as a seat writes it, in the round's notation. */
export function written(world: World, seat: Seat, what: Answer): SeatAction {
  switch (what.act) {
    case 'send': {
      const notation = notationOf(world)
      const { bits, seq, ack, length, window } = what.segment
      const numbers = {
        seq: formatNumber(seq, notation, 'seq', seat),
        ack: ack === null ? '' : formatNumber(ack, notation, 'ack', seat),
      }
      return { type: 'send', segment: { bits, length, window, ...numbers }, state: what.state }
    }
    case 'call':
      return { type: 'call', call: what.call }
    case 'write':
      return { type: 'write', message: what.message }
    case 'claim':
      return { type: 'claim', event: what.event, state: what.state }
    case 'discard':
      return { type: 'discard', event: what.event }
    case 'answer':
      return { type: 'answer', question: what.question, choice: what.choice }
    case 'wait':
      return { type: 'wait' }
  }
}
