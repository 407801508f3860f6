/**
 * The built-in partner: a player who sends the segments that its TCP has pending and makes its application's calls, and nothing else. It writes
 * its acts as a person would, and they are judged like anybody's. Pure: the same world, style and seed give the same act.
 */
import type { Seat } from '../../seat.ts'
import { formatNumber } from '../../notation.ts'
import type { EngineAction, SeatAction } from '../model/action.ts'
import { nextEngineAction, nextApplicationTask } from '../rules/next-action.ts'
import { openQuestion } from '../fold/progress.ts'
import { seededRandom } from '../setup/random.ts'
import type { Partner } from '../model/script.ts'
import { isGoalReached } from '../rules/goal.ts'
import type { World } from '../model/world.ts'
import { notationOf } from '../fold/current-scene.ts'

export interface PartnerMove {
  readonly action: SeatAction
  /** Real ms that a person would take for it. */
  readonly delayMs: number
}

/** Min. and max. real ms. A wait is requested at once: it delays nobody. */
const PACE_MS: { readonly [A in EngineAction['kind']]: readonly [number, number] } = {
  send: [2_500, 6_000],
  call: [1_200, 2_500],
  write: [3_000, 8_000],
  claim: [1_500, 3_500],
  discard: [1_500, 3_000],
  answer: [2_000, 4_000],
  wait: [0, 0],
}
const SLOW_FACTOR = 3

/** What the partner does next in this seat; null while it can only wait and has said so, or has no part left in a scene at its goal. */
export function choosePartnerMove(world: World, seat: Seat, { style, pace }: Partner): PartnerMove | null {
  if (world.over || world.paused) return null
  if (isGoalReached(world) && !openQuestion(world, seat)) return null
  const what = (style === 'piggybacking' && chooseApplicationTask(world, seat)) || nextEngineAction(world, seat)
  if (what.kind === 'wait' && world.seats[seat].waitRequested) return null
  if (pace === 'at-once') return { action: toSeatAction(world, seat, what), delayMs: 0 }
  const [least, most] = PACE_MS[what.kind]
  const after = least + (most - least) * seededRandom(world.script.seed ^ world.entryCount)()
  return { action: toSeatAction(world, seat, what), delayMs: Math.round(after * (style === 'slow' ? SLOW_FACTOR : 1)) }
}

/** What the application has to do now, before any segment is answered. A question comes before that, too. */
const chooseApplicationTask = (world: World, seat: Seat): EngineAction | null =>
  world.hosts[seat].tcb.owes.length > 0 && !openQuestion(world, seat) ? nextApplicationTask(world, seat) : null

/** What is to be done as a seat writes it, in the round's notation. */
export function toSeatAction(world: World, seat: Seat, what: EngineAction): SeatAction {
  switch (what.kind) {
    case 'send': {
      const notation = notationOf(world)
      const { bits, seq, ack, length, window } = what.segment
      const numbers = {
        seq: formatNumber(seq, notation, 'seq', seat),
        ack: ack === null ? '' : formatNumber(ack, notation, 'ack', seat),
      }
      return { kind: 'send', segment: { bits, length, window, ...numbers }, state: what.state }
    }
    case 'call':
      return { kind: 'call', call: what.call }
    case 'write':
      return { kind: 'write', message: what.message }
    case 'claim':
      return { kind: 'claim', event: what.event, state: what.state }
    case 'discard':
      return { kind: 'discard', event: what.event }
    case 'answer':
      return { kind: 'answer', question: what.question, choice: what.choice }
    case 'wait':
      return { kind: 'wait' }
  }
}
