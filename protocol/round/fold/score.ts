/** Points, in eighths of a point. The rules are in the section "Points" of docs/teachers.md. */
import { peerOf, type Seat } from '../../seat.ts'
import type { MilestoneStatus } from '../model/effect.ts'
import type { ScriptScene } from '../model/script.ts'
import type { MilestoneRecord, SeatRecord, World } from '../model/world.ts'

/** What a milestone is worth: one point. */
export const POINT_EIGHTHS = 8
/**
 * Cost of a refusal, of a wrong choice, and of each rung of a hint. Which milestone bears it: `rules/charges.ts`. A wrong choice is charged
 * to its question, so that guessing one in four earns less than half.
 */
export const COST_EIGHTHS = { refusal: 2, wrongChoice: POINT_EIGHTHS / 2, hint: { 1: 1, 2: 2, 3: POINT_EIGHTHS } } as const

/** The eighths that a milestone has earned, or that it is still worth while it is not yet met. */
export const worthEighths = (m: MilestoneRecord): number => (m.status === 'forfeited' ? 0 : Math.max(0, POINT_EIGHTHS - m.charged))

/** Points and the maximum, in eighths. */
export interface Score {
  readonly eighths: number
  readonly of: number
}

/** What a score is computed from: a part of the world. */
interface ScoredWorld {
  readonly script: Pick<World['script'], 'scenes'>
  readonly seats: { readonly [S in Seat]: Pick<SeatRecord, 'milestones'> }
}

/**
 * A seat's score. A milestone that is `shut`, for example because the round ended before it opened, counts in neither number, nor does one
 * that was `missed`, unless its absent player would then be above the one who stayed. Scenes that are practice only do not count.
 */
export function computeScore(world: ScoredWorld, seat: Seat): Score {
  const earned = scoreOf(world, seat, ['shut', 'missed'])
  if (!hasMissed(world, seat) || hasMissed(world, peerOf(seat))) return earned
  const stayed = scoreOf(world, peerOf(seat), ['shut'])
  return earned.eighths * stayed.of > stayed.eighths * earned.of ? scoreOf(world, seat, ['shut']) : earned
}

/** Whether the milestones of a scene count in the score. */
export const isCounted = ({ uncounted }: Pick<ScriptScene, 'uncounted'>): boolean => !uncounted

const hasMissed = ({ seats }: ScoredWorld, seat: Seat): boolean => seats[seat].milestones.some(({ status }) => status === 'missed')

/** The score of the milestones that count, without those of these statuses. */
function scoreOf({ script, seats }: ScoredWorld, seat: Seat, without: readonly MilestoneStatus[]): Score {
  const uncounted = new Set(script.scenes.flatMap((scene) => (isCounted(scene) ? [] : scene.milestones[seat].map(({ id }) => id))))
  const counted = seats[seat].milestones.filter(({ id, status }) => !uncounted.has(id) && !without.includes(status))
  const met = counted.filter(({ status }) => status === 'met')
  return { eighths: met.reduce((sum, m) => sum + worthEighths(m), 0), of: counted.length * POINT_EIGHTHS }
}
