/**
 * A player whose actions are legal but rarely the shortest. It tests that any legal behaviour is accepted and leads to the goal.
 */
import type { RandomSource } from '../../protocol/round/setup/random.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { ACK, FIN, type Segment } from '../../protocol/segment.ts'
import { maySend } from '../../protocol/tcp/may-send.ts'
import { nextSegment } from '../../protocol/tcp/due-segment.ts'
import type { PendingSegment, Tcb } from '../../protocol/tcp/tcb.ts'
import type { Action, EngineAction, SeatAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { nextApplicationTask } from '../../protocol/round/rules/next-action.ts'
import { seatHoldingClock } from '../../protocol/round/rules/clock.ts'
import { Round } from '../../protocol/round/round.ts'
import { choosePartnerMove, toSeatAction } from '../../protocol/round/play/partner.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { PARTNER_STYLES } from '../../protocol/round/model/partner-styles.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { rulesOf } from '../../protocol/round/fold/current-scene.ts'

/** A round that needs more actions than this is taken never to end. */
const MOST = 600

interface RandomPlayOptions {
  /** Whether the teacher holds the wire for a while: segments stop there, and are passed, lost, duplicated and held back. */
  readonly wireInHand?: boolean
}

/**
 * Plays both seats at random until the round is over: for a while in any legal way, then as the built-in partner does. A seat
 * that alone holds up the clock may be taken for idle. A round that is not over after all actions is in deadlock.
 */
export function playAtRandom(
  script: Script,
  random: RandomSource,
  { wireInHand = false }: RandomPlayOptions = {},
): { entries: readonly Entry[]; world: World } {
  const round = new Round({ id: 'random', tls: TLS_TOOLS })
  /** Enters an action, and accepts the entry only if the action was accepted. */
  const enter = (actor: Seat | 'system' | 'teacher', action: Action) => {
    const seen = actor === 'client' || actor === 'server' ? round.world!.seats[actor].viewCount : null
    const proposal = round.propose({ actor, actionId: `${round.entries.length}`, action, seen, at: '2026-01-01T00:00:00.000Z' })
    if (proposal?.entry.verdict.outcome === 'accepted') round.accept(proposal)
  }
  const oneOf = <T>(choice: readonly T[]): T => choice[Math.floor(random() * choice.length)]!
  const wild = 10 + random() * 50

  enter('system', { kind: 'control', control: 'start', script })
  if (wireInHand) enter('teacher', { kind: 'control', control: 'stop-wire' })
  for (let act = 0; act < MOST && !round.world!.over; act++) {
    const world = round.world!
    const seat = oneOf(SEATS)
    const idle = seatHoldingClock(world)
    if (idle && random() < 0.1) {
      enter('system', { kind: 'control', control: 'idle', seat: idle })
      continue
    }
    if (wireInHand && random() < 0.3) {
      const flight = world.wire[Math.floor(random() * world.wire.length)]
      if (flight) enter('teacher', { kind: 'wire', wire: oneOf(act < wild ? HANDLINGS : ['pass']), segment: flight.id })
      continue
    }
    const odd = act < wild && random() < 0.5 ? oneOf(WAYS)(world, seat) : null
    const action = odd ?? choosePartnerMove(world, seat, { style: oneOf(PARTNER_STYLES), pace: 'at-once' })?.action
    if (action) enter(seat, action)
  }
  return { entries: round.entries, world: round.world! }
}

const HANDLINGS = ['pass', 'pass', 'pass', 'drop', 'duplicate', 'hold'] as const

/** Something that a seat might do, legal or not. */
type Way = (world: World, seat: Seat) => SeatAction | null

/** Sends the segment that this TCB would send if it were changed by `change`. */
const sends =
  (change: (tcb: Tcb) => Partial<Tcb>, alter: (segment: Segment) => Segment = (segment) => segment): Way =>
  (world, seat) => {
    const { tcb } = world.hosts[seat]
    const drafted = nextSegment({ ...tcb, ...change(tcb) })
    if (!drafted) return null
    const segment = alter(drafted)
    const permission = maySend(tcb, segment, { rules: rulesOf(world), calls: 'given' })
    return permission.ok ? toSeatAction(world, seat, { kind: 'send', segment, state: permission.tcb.state }) : null
  }

const AN_ACK: PendingSegment = { kind: 'ACK', why: 'data' }
const AGAIN: PendingSegment = { kind: 'retransmission' }

const does =
  (what: (world: World, seat: Seat) => EngineAction | null | undefined): Way =>
  (world, seat) => {
    const answer = what(world, seat)
    return answer ? toSeatAction(world, seat, answer) : null
  }

/** Acts that are legal but rarely the shortest; null where one does not apply. */
export const WAYS: readonly Way[] = [
  // An ACK that was not required, or that leaves the data and the FIN for later segments.
  sends(() => ({ owes: [AN_ACK], queued: 0, closing: false })),
  // Half of the data; all of the data without the FIN.
  sends(({ queued }) => ({ owes: [{ kind: 'data' }], queued: Math.ceil(queued / 2), closing: false })),
  sends(() => ({ owes: [{ kind: 'data' }], closing: false })),
  // A retransmission before the timer requires it: everything that is outstanding, or its first half.
  sends(() => ({ owes: [AGAIN] })),
  sends(
    () => ({ owes: [AGAIN] }),
    (segment) => (segment.length > 1 ? { ...segment, bits: ACK, length: segment.length >> 1 } : segment),
  ),
  // Only the FIN, with its ACK bit.
  sends(
    () => ({ owes: [{ kind: 'FIN' }] }),
    (segment) => ({ ...segment, bits: FIN | ACK }),
  ),
  does(nextApplicationTask),
  does(() => ({ kind: 'wait' })),
  does(({ seats }, seat) => {
    const event = seats[seat].openEvents.find(({ discard }) => discard === null)
    return event && { kind: 'discard', event: event.view }
  }),
  does(({ seats }, seat) => {
    const event = seats[seat].openEvents.at(-1)
    return event && { kind: 'claim', event: event.view, state: event.state }
  }),
]
