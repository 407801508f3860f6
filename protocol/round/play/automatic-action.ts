/** The actions that happen automatically in a round after a delay. Pure: the caller supplies the time. */
import { SEATS, type Seat } from '../../seat.ts'
import type { Entry } from '../model/entry.ts'
import type { World } from '../model/world.ts'
import type { Act, Round } from '../round.ts'
import { seatHoldingClock } from '../rules/clock.ts'
import { choosePartnerMove, type PartnerMove } from './partner.ts'
import { nextMistake } from './partner-mistakes.ts'
import { chooseStudentMove } from './simulated-student.ts'

/** An action to be taken after a delay. It is valid only as the next entry of the log. */
export interface AutomaticAction extends Omit<Act, 'at'> {
  /** Identifies what is to be done. As long as it stays the same, the scheduled time is kept, whatever else happens in the meantime. */
  readonly purpose: string
  /** Real ms from now. Applies when `purpose` is new. */
  readonly delayMs: number
}

/** Prefixes of the ids of the partner's and of simulated students' acts. No client can send such an id, because it contains a space. */
const PARTNER_ACTION_PREFIX = 'partner '
const STUDENT_ACTION_PREFIX = 'simulated '

/**
 * All automatic actions that are to come: the built-in partner and simulated students act in the seats that they play; a wait is requested on behalf of a seat that
 * alone holds up the clock; a segment that the network seat leaves stopped on the wire is let pass. `now`: real ms since 1970.
 * `idleAfterMs`: how long (real ms) a seat may stay idle before the last two happen.
 */
export function listAutomaticActions(round: Round, now: number, idleAfterMs: number): readonly AutomaticAction[] {
  const { world, entries } = round
  if (!world) return []
  const actions: AutomaticAction[] = []
  const bySystem = (action: Parameters<Round['controlIdOf']>[0], purpose: string, delayMs: number) =>
    actions.push({ actor: 'system', actionId: round.controlIdOf(action), action, seen: null, purpose, delayMs })

  const bySeat = (seat: Seat, prefix: string, move: PartnerMove | null) => {
    if (!move) return
    const lastOwn = entries.findLastIndex(({ actor }) => actor === seat)
    const purpose = `${seat} ${lastOwn} ${JSON.stringify(move.action)}`
    actions.push({ actor: seat, actionId: `${prefix}${entries.length}`, seen: world.seats[seat].viewCount, purpose, ...move })
  }

  for (const seat of SEATS) {
    const student = world.script.simulated?.[seat]
    if (student && world.seats[seat].player === 'person')
      bySeat(seat, STUDENT_ACTION_PREFIX, chooseStudentMove(world, seat, student))
    if (world.seats[seat].player !== 'partner' || isPartnerStuck(entries.at(-1), seat)) continue
    const mistake = nextMistake(world, seat)
    if (mistake === 'reaction') continue
    if (mistake) bySystem(mistake.action, `plant ${seat} ${world.segmentCount}`, mistake.delayMs)
    else bySeat(seat, PARTNER_ACTION_PREFIX, choosePartnerMove(world, seat, world.script.partner))
  }
  const idle = seatHoldingClock(world)
  if (idle) {
    // Only accepted acts restart the delay. Otherwise a student could hold up the other one indefinitely by refused attempts.
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

/** Whether the partner's last act in this seat was not accepted. It then does not try again. */
const isPartnerStuck = (last: Entry | undefined, seat: Seat): boolean =>
  last?.actor === seat && last.actionId.startsWith(PARTNER_ACTION_PREFIX) && last.verdict.outcome !== 'accepted'

/** A segment stopped on the wire that waits for an action of the network seat. */
const findHeldSegment = ({ script, wireStopped, over, paused, wire }: World) =>
  script.network && wireStopped && !over && !paused ? wire.find(({ due }) => due === null) : undefined

/** The time at which a segment was stopped on the wire, in real ms since 1970. */
function heldSince(entries: readonly Entry[], id: number, now: number): number {
  const stopped = entries.findLast(({ effects }) => effects.some((e) => e.kind === 'held' && e.id === id))
  return stopped ? Date.parse(stopped.at) : now
}
