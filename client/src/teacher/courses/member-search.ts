/** Finds members by what one remembers of them. */
import type { MemberInfo } from '../../../../contract/courses.ts'

/** Full-width characters, case and accents make no difference. */
const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** The members whose number, name, address, group or remarks contain every word of what is typed. */
export function searchMembers(members: readonly MemberInfo[], typed: string): readonly MemberInfo[] {
  const words = fold(typed).split(/\s+/).filter(Boolean)
  return members.filter(({ number, name, email, group, remarks }) => {
    const text = fold([number, name, email, group, remarks].join(' '))
    return words.every((word) => text.includes(word))
  })
}
