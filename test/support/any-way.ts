/** A player who does what is legal and rarely what is shortest: for the rule that any legal behaviour is accepted and leads to the goal. */
import { TLS_TOOLS } from '../../exercises/tls.ts'
import { ACK, FIN, type Segment } from '../../protocol/segment.ts'
import { maySend } from '../../protocol/tcp/may-send.ts'
import { pay } from '../../protocol/tcp/pay.ts'
import type { Debt, Tcb } from '../../protocol/tcp/tcb.ts'
import type { Answer, Entry, SeatAction } from '../../protocol/world/action.ts'
import { nextAct } from '../../protocol/world/answer.ts'
import { apply } from '../../protocol/world/apply.ts'
import type { Random } from '../../protocol/world/draw.ts'
import { SEATS, type Seat } from '../../protocol/world/exercise.ts'
import { judge } from '../../protocol/world/judge.ts'
import { partnerMove, written } from '../../protocol/world/partner.ts'
import type { Script } from '../../protocol/world/script.ts'
import { STYLES } from '../../protocol/world/styles.ts'
import { rulesOf, type World } from '../../protocol/world/world.ts'

type Told = Pick<Entry, 'index' | 'actor' | 'action' | 'verdict' | 'effects'>

/** Acts after which a round that has not come to its end never will. */
const MOST = 600

/**
 * Both seats are played at random until the round is over: for a while anyhow, as long as it is legal, then as the built-in partner does.
 * A round that is not over by then has locked up.
 */
export function anyWay(script: Script, random: Random): { entries: readonly Told[]; world: World } {
  const entries: Told[] = []
  const enter = (world: World | null, actor: Told['actor'], action: Told['action']): World | null => {
    const seen = world && actor !== 'system' ? world.seats[actor as Seat].views : null
    const { verdict, effects } = judge(world, { actor, action, seen }, { seen: () => world!, tls: TLS_TOOLS })
    if (verdict.outcome !== 'accepted') return null
    const entry = { index: entries.length, actor, action, verdict, effects }
    entries.push(entry)
    return apply(world, entry)
  }
  const oneOf = <T>(choice: readonly T[]): T => choice[Math.floor(random() * choice.length)]!
  const wild = 10 + random() * 50

  let world = enter(null, 'system', { type: 'control', control: 'start', script })!
  for (let act = 0; act < MOST && !world.over; act++) {
    const seat = oneOf(SEATS)
    const odd = act < wild && random() < 0.5 ? oneOf(WAYS)(world, seat) : null
    const action = odd ?? partnerMove(world, seat, { style: oneOf(STYLES), pace: 'at-once' })?.action
    world = (action && enter(world, seat, action)) ?? world
  }
  return { entries, world }
}

/** What a seat might do, legal or not. */
type Way = (world: World, seat: Seat) => SeatAction | null

/** Sends what this TCB would, if only it stood as `change` has it. */
const sends =
  (change: (tcb: Tcb) => Partial<Tcb>, alter: (segment: Segment) => Segment = (segment) => segment): Way =>
  (world, seat) => {
    const { tcb } = world.hosts[seat]
    const drafted = pay({ ...tcb, ...change(tcb) })
    if (!drafted) return null
    const segment = alter(drafted)
    const permission = maySend(tcb, segment, { rules: rulesOf(world), calls: 'given' })
    return permission.ok ? written(world, seat, { act: 'send', segment, state: permission.tcb.state }) : null
  }

const AN_ACK: Debt = { kind: 'ACK', why: 'data' }
const AGAIN: Debt = { kind: 'retransmission' }

const does =
  (what: (world: World, seat: Seat) => Answer | null | undefined): Way =>
  (world, seat) => {
    const answer = what(world, seat)
    return answer ? written(world, seat, answer) : null
  }

const WAYS: readonly Way[] = [
  // An ACK that nobody asked for, or that leaves the data and the FIN for later.
  sends(() => ({ owes: [AN_ACK], queued: 0, closing: false })),
  // Half of the data; all of it without the FIN.
  sends(({ queued }) => ({ owes: [{ kind: 'data' }], queued: Math.ceil(queued / 2), closing: false })),
  sends(() => ({ owes: [{ kind: 'data' }], closing: false })),
  // Again, before the timer asks for it: all that is outstanding, or its first half.
  sends(() => ({ owes: [AGAIN] })),
  sends(
    () => ({ owes: [AGAIN] }),
    (segment) => (segment.length > 1 ? { ...segment, bits: ACK, length: segment.length >> 1 } : segment),
  ),
  // The FIN alone, with its ACK bit.
  sends(
    () => ({ owes: [{ kind: 'FIN' }] }),
    (segment) => ({ ...segment, bits: FIN | ACK }),
  ),
  does(nextAct),
  does(() => ({ act: 'wait' })),
  does(({ seats }, seat) => {
    const event = seats[seat].events.find(({ discard }) => discard === null)
    return event && { act: 'discard', event: event.view }
  }),
  does(({ seats }, seat) => {
    const event = seats[seat].events.at(-1)
    return event && { act: 'claim', event: event.view, state: event.state }
  }),
]
