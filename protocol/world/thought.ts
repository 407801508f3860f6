/** What a seat's action is, in a given world. */
import type { Finding } from '../findings.ts'
import type { Reason } from './action.ts'
import type { Course } from './course.ts'

export type Thought =
  | { readonly is: 'barred'; readonly reason: Reason }
  | { readonly is: 'wrong'; readonly findings: readonly Finding[]; readonly reason?: Reason }
  | Allowed

export interface Allowed {
  readonly is: 'allowed'
  readonly remarks: readonly Finding[]
  /** It served nothing. */
  readonly useless: boolean
  /** It makes the goal unreachable. */
  readonly ends: boolean
  readonly happen: (course: Course) => void
}

export const allowed = (
  happen: (course: Course) => void,
  what: { remarks?: readonly Finding[]; useless?: boolean; ends?: boolean } = {},
): Allowed => ({ is: 'allowed', remarks: [], useless: false, ends: false, ...what, happen })
