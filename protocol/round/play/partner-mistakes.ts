/** When the built-in partner makes a mistake, where the teacher or the learner wants it to. */
import { peerOf, type Seat } from '../../seat.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import { totalOf } from '../fold/reducer.ts'
import type { ControlAction } from '../model/action.ts'
import type { World } from '../model/world.ts'
import { chooseWrongSegment } from '../rules/planted-mistake.ts'
import { seededRandom } from '../setup/random.ts'

/** How often it happens, of the segments that the partner has to send. */
const MISTAKE_PROBABILITY = 0.4
/** Real ms. */
const MISTAKE_DELAY_MS = 3_000

/**
 * What comes of the partner's mistakes now: one to be planted, or `reaction` while the other side owes an answer to the last one. Null: it
 * plays as ever.
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
