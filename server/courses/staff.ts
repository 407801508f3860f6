/** Who of the teachers works in a course. An owner is made and unmade only by an owner, and a course always has one. */
import type { CourseRole } from '../../contract/access-rules.ts'
import type { NewStaff } from '../../contract/courses.ts'
import { ApiError } from '../base/api-error.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { normalizeText } from '../lessons/names.ts'

/** Changes of a course's staff by one of its teachers, `by`. */
export interface Staff {
  /**
   * Adds a teacher, or gives one who is there this role. Rejects with `not-found` if no account has this e-mail address or name,
   * and with `conflict` if several have this name.
   */
  addStaff(courseId: string, by: string, wanted: NewStaff): Promise<void>
  /** Rejects with `not-found`, `forbidden`, and `conflict` if it would leave no owner. */
  changeRole(courseId: string, by: string, teacherId: string, role: CourseRole): Promise<void>
  /** Rejects as `changeRole`. */
  removeStaff(courseId: string, by: string, teacherId: string): Promise<void>
}

export function createStaff({ prisma }: { prisma: PrismaClient }): Staff {
  /** Runs a change of the staff in a transaction that locks the course's row. Without owners, it is undone. */
  const changeStaff = (
    courseId: string,
    by: string,
    change: (tx: Prisma.TransactionClient, isOwner: boolean) => Promise<unknown>,
  ): Promise<void> =>
    prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "Course" WHERE "id" = ${courseId} FOR NO KEY UPDATE`
      const owned = { courseId, role: 'owner' satisfies CourseRole }
      await change(tx, (await tx.courseStaff.count({ where: { ...owned, teacherId: by } })) > 0)
      if ((await tx.courseStaff.count({ where: owned })) === 0)
        throw new ApiError('conflict', 'A course always has an owner: make somebody else one first.')
    })

  const findAccount = async (typed: string): Promise<string> => {
    const account = normalizeText(typed)
    const among = { blockedAt: null }
    const byEmail = await prisma.teacher.findFirst({ where: { ...among, email: account.toLowerCase() } })
    if (byEmail) return byEmail.id
    const byName = await prisma.teacher.findMany({ where: { ...among, name: account }, take: 2 })
    if (byName.length > 1) throw new ApiError('conflict', 'Several teachers have this name: give the e-mail address.')
    if (!byName[0]) throw new ApiError('not-found', 'No teacher of this server has this e-mail address or name.')
    return byName[0].id
  }

  const setRole = async (tx: Prisma.TransactionClient, key: { courseId: string; teacherId: string }, role: CourseRole) =>
    tx.courseStaff.upsert({ where: { courseId_teacherId: key }, update: { role }, create: { ...key, role } })

  const requireStaff = async (tx: Prisma.TransactionClient, key: { courseId: string; teacherId: string }) => {
    const row = await tx.courseStaff.findUnique({ where: { courseId_teacherId: key } })
    if (!row) throw new ApiError('not-found', 'There is nobody like that on the staff.')
    return row.role as CourseRole
  }

  const requireOwner = (isOwner: boolean, ...roles: (CourseRole | undefined)[]) => {
    if (!isOwner && roles.includes('owner')) throw new ApiError('forbidden', 'This is for an owner of the course.')
  }

  return {
    async addStaff(courseId, by, { account, role }) {
      const teacherId = await findAccount(account)
      await changeStaff(courseId, by, async (tx, isOwner) => {
        const before = await tx.courseStaff.findUnique({ where: { courseId_teacherId: { courseId, teacherId } } })
        requireOwner(isOwner, role, before?.role as CourseRole | undefined)
        await setRole(tx, { courseId, teacherId }, role)
      })
    },

    changeRole: (courseId, by, teacherId, role) =>
      changeStaff(courseId, by, async (tx, isOwner) => {
        requireOwner(isOwner, role, await requireStaff(tx, { courseId, teacherId }))
        await setRole(tx, { courseId, teacherId }, role)
      }),

    removeStaff: (courseId, by, teacherId) =>
      changeStaff(courseId, by, async (tx, isOwner) => {
        requireOwner(isOwner, await requireStaff(tx, { courseId, teacherId }))
        await tx.courseStaff.delete({ where: { courseId_teacherId: { courseId, teacherId } } })
      }),
  }
}
