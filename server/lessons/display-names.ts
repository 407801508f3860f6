/** Names of a course's members, told apart where they look the same. */
import { skeletonOf } from './names.ts'

/** What a member's name is made of. */
export interface NamedMember {
  readonly number: string
  readonly name: string
}

/** A member with this name and number, where another one's name looks the same: `张伟 (2023001)`. */
export const formatNumberedName = ({ number, name }: NamedMember): string => `${name} (${number})`

/**
 * The display names of these members, who are all of one course, in their order. Where names look the same, each gets its number.
 */
export function toDisplayNames(members: readonly NamedMember[]): string[] {
  const counts = new Map<string, number>()
  const skeletons = members.map(({ name }) => skeletonOf(name))
  for (const skeleton of skeletons) counts.set(skeleton, (counts.get(skeleton) ?? 0) + 1)
  return members.map((member, i) => ((counts.get(skeletons[i] ?? '') ?? 0) > 1 ? formatNumberedName(member) : member.name))
}
