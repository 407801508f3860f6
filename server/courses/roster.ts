/** The roster of a course, changed by hand. */
import type { MemberChange, NewMember } from '../../contract/courses.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { normalizeText } from '../lessons/names.ts'
import type { LessonNotifier } from '../lessons/notifier.ts'
import { withCourseLock } from './course-lock.ts'
import { normalizeEmail, normalizeNumber } from './member-fields.ts'

/** Changes of a roster. All reject with `malformed`, and those that name a member with `not-found`. */
export interface Roster {
  /** Adds a member, or brings back a removed one with this number. Rejects with `conflict` if the number is taken. */
  addMember(courseId: string, wanted: NewMember): Promise<void>
  /** Rejects with `conflict` if the number is taken. */
  changeMember(courseId: string, memberId: string, change: MemberChange): Promise<void>
  /**
   * Two rows are one person: what `memberId` has played, and who it is at a platform, goes to `keptId`, and its row is deleted. Rejects with `conflict` if both
   * have taken part in the same session.
   */
  mergeMembers(courseId: string, memberId: string, keptId: string): Promise<void>
}

export interface RosterDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged'>
  readonly now: () => Date
}

export function createRoster({ prisma, notifier, now }: RosterDeps): Roster {
  const changeRoster = <T>(courseId: string, change: (tx: Prisma.TransactionClient) => Promise<T>) =>
    withCourseLock({ prisma, notifier }, courseId, change)

  const requireMember = async (tx: Prisma.TransactionClient, courseId: string, id: string) => {
    const member = await tx.member.findUnique({ where: { id, courseId } })
    if (!member) throw new ApiError('not-found', 'There is no such member.')
    return member
  }

  const numberTakenError = (number: string) => new ApiError('conflict', `The number ${number} is on the roster already.`)

  return {
    async addMember(courseId, wanted) {
      const { number, ...fields } = toColumns(wanted)
      await changeRoster(courseId, async (tx) => {
        const before = await tx.member.findUnique({ where: { courseId_number: { courseId, number } } })
        if (before && !before.removedAt) throw numberTakenError(number)
        if (before) await tx.member.update({ where: { id: before.id }, data: { ...fields, removedAt: null } })
        else await tx.member.create({ data: { ...fields, id: newId(), courseId, number, createdAt: now() } })
      })
    },

    async changeMember(courseId, memberId, { removed, ...change }) {
      const data = toColumns(change)
      await changeRoster(courseId, async (tx) => {
        await requireMember(tx, courseId, memberId)
        if (data.number !== undefined) {
          const other = await tx.member.findUnique({ where: { courseId_number: { courseId, number: data.number } } })
          if (other && other.id !== memberId) throw numberTakenError(data.number)
        }
        const removal = removed === undefined ? {} : { removedAt: removed ? now() : null }
        await tx.member.update({ where: { id: memberId }, data: { ...data, ...removal } })
      })
    },

    async mergeMembers(courseId, memberId, keptId) {
      if (memberId === keptId) throw new ApiError('malformed', 'These are one row already.')
      await changeRoster(courseId, async (tx) => {
        await requireMember(tx, courseId, memberId)
        await requireMember(tx, courseId, keptId)
        const both = await tx.session.findFirst({
          where: { AND: [memberId, keptId].map((id) => ({ participants: { some: { memberId: id } } })) },
        })
        if (both) throw new ApiError('conflict', `Both have taken part in “${both.title}”.`)
        await tx.participant.updateMany({ where: { memberId }, data: { memberId: keptId } })
        await tx.gradeRecord.updateMany({ where: { memberId }, data: { memberId: keptId } })
        await tx.ltiUser.updateMany({ where: { memberId }, data: { memberId: keptId, proposedId: null } })
        await tx.member.delete({ where: { id: memberId } })
      })
    },
  }
}

/** The columns of what was typed. Throws `malformed`. */
function toColumns<F extends MemberChange>({ number, name, email, group, timeFactor, remarks }: F) {
  const columns = {
    ...(number === undefined ? {} : { number: normalizeNumber(number) }),
    ...(name === undefined ? {} : { name: normalizeText(name) }),
    ...(email === undefined ? {} : { email: email === null ? null : normalizeEmail(email) }),
    ...(group === undefined ? {} : { group: group === null ? null : normalizeText(group) }),
    ...(timeFactor === undefined ? {} : { timeFactor }),
    ...(remarks === undefined ? {} : { remarks }),
  }
  // The number and the name are there if they were given.
  return columns as typeof columns & { [K in 'number' | 'name' as F[K] extends string ? K : never]: string }
}
