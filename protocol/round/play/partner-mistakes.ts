/** Decides when the built-in partner makes a deliberate mistake, in rounds for which the teacher or the learner has enabled that. */
import { peerOf, type Seat } from '../../seat.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import { totalOf } from '../fold/reducer.ts'
import type { ControlAction } from '../model/action.ts'
import type { World } from '../model/world.ts'
import { chooseWrongSegment } from '../rules/planted-mistake.ts'
import { seededRandom } from '../setup/random.ts'

/** Probability that the partner plants a mistake before a segment that it has to send. */
const MISTAKE_PROBABILITY = 0.4
/** How long the partner takes for a mistake, in real ms, at a human pace. */
const MISTAKE_DELAY_MS = 3_000

/**
 * The mistake that the partner is to plant now, after `delayMs` (real ms). `reaction`: it waits, because the other side still has to answer
 * its last mistake. Null: no mistake now, the partner plays normally.
 */
export function nextMistake(
  world: World,
  seat: Seat,
): { readonly action: ControlAction; readonly delayMs: number } | 'reaction' | null {
  const { script, hosts, over, paused } = world
  if (!script.partner.mistakes || over || paused) return null
  if (hosts[seat].sentWhenPlanted === totalOf(hosts[seat].sent)) return nextSegment(hosts[peerOf(seat)].tcb) ? 'reaction' : null
  if (
    seededRandom(script.seed ^ Math.imul(world.segmentCount + 1, 0x9e3779b1))() >= MISTAKE_PROBABILITY ||
    !chooseWrongSegment(world, seat)
  )
    return null
  return { action: { kind: 'control', control: 'plant', seat }, delayMs: script.partner.pace === 'human' ? MISTAKE_DELAY_MS : 0 }
}
