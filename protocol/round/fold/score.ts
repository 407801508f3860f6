/** Points, in eighths of a point. The rules are in the section "Points" of docs/teachers.md. */
import type { Seat } from '../../seat.ts'
import type { MilestoneRecord, World } from '../model/world.ts'

/** What a milestone is worth: one point. */
export const POINT_EIGHTHS = 8
/** Cost of a refusal, and of each rung of a hint. Charged to the seat's first open milestone; for a wrong answer, to the question. */
export const COST_EIGHTHS = { refusal: 2, hint: { 1: 1, 2: 2, 3: POINT_EIGHTHS } } as const

/** The eighths that a milestone has earned, or that it is still worth while it is not yet met. */
export const worthEighths = (m: MilestoneRecord): number => (m.status === 'forfeited' ? 0 : Math.max(0, POINT_EIGHTHS - m.charged))

/**
 * A seat's points and the maximum (`of`), in eighths. A milestone that is `shut`, for example because the round ended before it opened,
 * counts in neither.
 */
export function computeScore(world: World, seat: Seat): { eighths: number; of: number } {
  const counted = world.seats[seat].milestones.filter((m) => m.status !== 'shut')
  const met = counted.filter((m) => m.status === 'met')
  return { eighths: met.reduce((sum, m) => sum + worthEighths(m), 0), of: counted.length * POINT_EIGHTHS }
}
