/** What a round does by itself once nothing has happened for a while. Pure: time comes in. */
import { SEATS, type Seat } from '../../seat.ts'
import type { Entry } from '../model/entry.ts'
import type { World } from '../model/world.ts'
import type { Act, Round } from '../round.ts'
import { seatHoldingClock } from '../rules/clock.ts'
import { choosePartnerMove } from './partner.ts'
import { nextMistake } from './partner-mistakes.ts'

/** It is meant for the next place in the log, and for no other. */
export interface AutomaticAction extends Omit<Act, 'at'> {
  /** The same as long as the same is to be done, whatever else happens meanwhile: its time, once set, stands. */
  readonly purpose: string
  /** Real ms from now, for a purpose that is new. */
  readonly delayMs: number
}

/** Begins the ids of the partner's acts. No client can send it: there is a space in it. */
const PARTNER_ACTION_PREFIX = 'partner '

/**
 * The built-in partner acts in a seat of its own; for a seat that alone holds the clock a wait is requested; a segment that a network seat
 * leaves on the wire is let pass. All of these that are to come. `now`: real ms since 1970; `idleAfterMs`: how long a seat has.
 */
export function listAutomaticActions(round: Round, now: number, idleAfterMs: number): readonly AutomaticAction[] {
  const { world, entries } = round
  if (!world) return []
  const actions: AutomaticAction[] = []
  const bySystem = (action: Parameters<Round['controlIdOf']>[0], purpose: string, delayMs: number) =>
    actions.push({ actor: 'system', actionId: round.controlIdOf(action), action, seen: null, purpose, delayMs })

  for (const seat of SEATS) {
    if (world.seats[seat].player !== 'partner' || isPartnerStuck(entries.at(-1), seat)) continue
    const mistake = nextMistake(world, seat)
    if (mistake === 'reaction') continue
    if (mistake) {
      bySystem(mistake.action, `plant ${seat} ${world.segmentCount}`, mistake.delayMs)
      continue
    }
    const move = choosePartnerMove(world, seat, world.script.partner)
    if (!move) continue
    const actionId = `${PARTNER_ACTION_PREFIX}${entries.length}`
    const lastOwn = entries.findLastIndex(({ actor }) => actor === seat)
    const purpose = `${seat} ${lastOwn} ${JSON.stringify(move.action)}`
    actions.push({ actor: seat, actionId, seen: world.seats[seat].viewCount, purpose, ...move })
  }
  const idle = seatHoldingClock(world)
  if (idle) {
    // Whatever is accepted puts it off; what is only tried does not, or whoever tries for ever would hold the other up for ever.
    const lastAccepted = entries.findLastIndex(({ verdict }) => verdict.outcome === 'accepted')
    bySystem({ kind: 'control', control: 'idle', seat: idle }, `idle ${idle} ${lastAccepted}`, idleAfterMs)
  }
  const held = findHeldSegment(world)
  if (held) {
    const delayMs = Math.max(0, idleAfterMs - (now - heldSince(entries, held.id, now)))
    bySystem({ kind: 'wire', wire: 'pass', segment: held.id }, `pass ${held.id}`, delayMs)
  }
  return actions
}

/** What the partner did last has not come about: it does not try again. */
const isPartnerStuck = (last: Entry | undefined, seat: Seat): boolean =>
  last?.actor === seat && last.actionId.startsWith(PARTNER_ACTION_PREFIX) && last.verdict.outcome !== 'accepted'

/** A segment that waits for the network seat. */
const findHeldSegment = ({ script, wireStopped, over, paused, wire }: World) =>
  script.network && wireStopped && !over && !paused ? wire.find(({ due }) => due === null) : undefined

/** Since when a segment has been stopped on the wire, in real ms since 1970. */
function heldSince(entries: readonly Entry[], id: number, now: number): number {
  const stopped = entries.findLast(({ effects }) => effects.some((e) => e.kind === 'held' && e.id === id))
  return stopped ? Date.parse(stopped.at) : now
}
