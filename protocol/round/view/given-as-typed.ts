import type { Finding } from '../../findings.ts'
import type { Action } from '../model/action.ts'

/** What a finding's field held, numbers as the seat typed them: an absolute value says little. Null: nothing was given. */
export function getGivenAsTyped({ field, given }: Pick<Finding, 'field' | 'given'>, action: Action): string | null {
  if (given === null) return null
  return action.kind === 'send' && (field === 'seq' || field === 'ack') ? action.segment[field] : String(given)
}
