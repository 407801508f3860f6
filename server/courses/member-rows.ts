/** Interprets the rows of a roster. */
import type { MemberInfo } from '../../contract/courses.ts'
import type { Member } from '../generated/prisma/client.ts'
import { toDisplayNames } from '../lessons/display-names.ts'

/** Compares by the numbers within, so that `2023-9` stands before `2023-10`. */
const byNumber = new Intl.Collator('en', { numeric: true })

/** All rows of a roster as its staff sees them: in the order of their numbers, the removed ones last. */
export function toMemberInfos(rows: readonly (Member & { readonly _count: { readonly participants: number } })[]): MemberInfo[] {
  const sorted = [...rows].sort(
    (a, b) => Number(a.removedAt !== null) - Number(b.removedAt !== null) || byNumber.compare(a.number, b.number),
  )
  const displayNames = toDisplayNames(sorted)
  return sorted.map(({ id, number, name, email, group, timeFactor, remarks, removedAt, _count }, i) => ({
    id,
    number,
    name,
    displayName: displayNames[i] ?? name,
    email,
    group,
    timeFactor,
    remarks,
    removed: removedAt !== null,
    sessions: _count.participants,
  }))
}
