/**
 * The built-in partner: a player that only does what is due, such as sending pending segments and making its application's calls. It
 * submits actions in the same form as a person, and they are judged in the same way. Pure: world, style and pace determine the move.
 */
import { peerOf, type Seat } from '../../seat.ts'
import type { State } from '../../tcp/tcb.ts'
import { formatNumber } from '../../notation.ts'
import type { EngineAction, SeatAction } from '../model/action.ts'
import { nextEngineAction, nextApplicationTask } from '../rules/next-action.ts'
import { openQuestion } from '../fold/progress.ts'
import { seededRandom } from '../setup/random.ts'
import type { Partner } from '../model/script.ts'
import { isGoalReached, statusOf } from '../rules/goal.ts'
import type { World } from '../model/world.ts'
import { isOnAutopilot, notationOf, sceneOf } from '../fold/current-scene.ts'

export interface PartnerMove {
  readonly action: SeatAction
  /** Delay before the action, in real ms: as long as a person would take, or 0. */
  readonly delayMs: number
}

/** Minimum and maximum delay by kind of action, in real ms. A wait is requested immediately, so as not to delay the other side. */
const PACE_MS: { readonly [A in EngineAction['kind']]: readonly [number, number] } = {
  send: [1_000, 2_000],
  call: [600, 1_200],
  write: [1_000, 2_000],
  claim: [600, 1_200],
  discard: [600, 1_200],
  answer: [1_000, 2_000],
  wait: [0, 0],
}
const SLOW_FACTOR = 5

/**
 * The partner's next action in this seat. Null if the round is over or paused, if the partner can only wait and has already requested that,
 * or if the scene is at its goal and the seat has no open question.
 */
export function choosePartnerMove(world: World, seat: Seat, { style, pace }: Partner): PartnerMove | null {
  if (world.over || world.paused) return null
  if (isGoalReached(world) && !openQuestion(world, seat)) return null
  const what = (style === 'piggybacking' && chooseApplicationTask(world, seat)) || nextEngineAction(world, seat)
  if (what.kind === 'wait' && (world.seats[seat].waitRequested || isOnAutopilot(world))) return null
  if (pace === 'at-once') return { action: toSeatAction(world, seat, what), delayMs: 0 }
  const [least, most] = PACE_MS[what.kind]
  const after = least + (most - least) * seededRandom(world.script.seed ^ world.entryCount)()
  return { action: toSeatAction(world, seat, what), delayMs: Math.round(after * (style === 'slow' ? SLOW_FACTOR : 1)) }
}

/**
 * For the style `piggybacking`: the application's next task while segments are pending; null if there is none, if a question is open, or if
 * it would skip what the scene is about.
 */
function chooseApplicationTask(world: World, seat: Seat): EngineAction | null {
  if (world.hosts[seat].tcb.owes.length === 0 || openQuestion(world, seat) || isFourWayClose(world, seat)) return null
  return nextApplicationTask(world, seat)
}

/**
 * Whether the peer's FIN is to be acknowledged first: a FIN in the same segment would skip a state that the scene asks for, CLOSE-WAIT here
 * or FIN-WAIT-2 there.
 */
function isFourWayClose(world: World, seat: Seat): boolean {
  const asksFor = (s: Seat, state: State) =>
    sceneOf(world).milestones[s].some(({ id, deed }) => {
      const status = statusOf(world, s, id)
      return 'says' in deed && deed.says === state && (status === 'shut' || status === 'open')
    })
  const { owes } = world.hosts[seat].tcb
  const owesAck = owes.some((pending) => pending.kind === 'ACK' && pending.why === 'FIN')
  return owesAck && (asksFor(seat, 'CLOSE-WAIT') || asksFor(peerOf(seat), 'FIN-WAIT-2'))
}

/** Converts an action of the engine to the form in which a seat submits it, with numbers in the round's notation. */
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
