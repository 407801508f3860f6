import type { Finding } from '../../findings.ts'
import type { Action } from '../model/action.ts'

/**
 * The value that a finding is about. Sequence and acknowledgment numbers are as the seat typed them, since absolute values would mean
 * little to a student. Null if nothing was given.
 */
export function getGivenAsTyped({ field, given }: Pick<Finding, 'field' | 'given'>, action: Action): string | null {
  if (given === null) return null
  return action.kind === 'send' && (field === 'seq' || field === 'ack') ? action.segment[field] : String(given)
}
