/** Who a platform's users are here: teachers have accounts, learners are members of a course's roster. */
import { createHash } from 'node:crypto'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { Courses } from '../courses/courses.ts'
import type { LtiContext, LtiPlatform, Prisma, PrismaClient, Teacher } from '../generated/prisma/client.ts'

/** A learner as a platform describes them. */
export interface PlatformLearner {
  readonly sub: string
  readonly name: string | null
  readonly email: string | null
  readonly number: string | null
}

/** What has become of a learner: `added` to the roster, `changed` there, or neither. */
export type Enrolment = 'added' | 'changed' | 'known'

/** Who is who. */
export interface People {
  /** The account of a platform's teacher; null if none is known. Rejects with `forbidden` if it is blocked. */
  findAccount(platformId: string, sub: string): Promise<Teacher | null>
  /** Whether a teacher of this platform may get an account without having been invited. */
  mayCreateAccount(platform: LtiPlatform): Promise<boolean>
  /** Connects a platform's teacher with an account: a new one with this name if `teacherId` is null. Rejects with `conflict` if there is one. */
  connectAccount(platform: LtiPlatform, user: { sub: string; name: string | null }, teacherId: string | null): Promise<void>
  /** Makes sure that a learner of a platform's course is on the roster. Resolves to the member's id. */
  enrol(context: LtiContext, learner: PlatformLearner): Promise<{ readonly memberId: string; readonly enrolment: Enrolment }>
  /**
   * Decides whether a member who came from a platform is the one of the roster that has been proposed; then they become one row.
   * Rejects with `not-found`, and with `conflict` if both have taken part in the same session.
   */
  decideProposal(courseId: string, memberId: string, same: boolean): Promise<void>
}

export interface PeopleDeps {
  readonly prisma: PrismaClient
  readonly courses: Pick<Courses, 'mergeMembers'>
  readonly now: () => Date
}

export function createPeople({ prisma, courses, now }: PeopleDeps): People {
  const mayCreateAccount = async ({ teacherId }: LtiPlatform) =>
    (await prisma.teacher.count({ where: { id: teacherId, owner: true, blockedAt: null } })) > 0

  /** Adds a learner whom the roster does not know by `sub`. The row of the roster that is probably theirs is only proposed: a platform's users may change their address themselves. */
  const add = async (tx: Prisma.TransactionClient, context: LtiContext, learner: PlatformLearner): Promise<string> => {
    const { id: contextId, courseId } = context
    // The same user in another context of the same platform that is the same course here.
    const elsewhere = await tx.ltiUser.findFirst({
      where: { sub: learner.sub, context: { courseId, platformId: context.platformId } },
    })
    if (elsewhere) {
      const { sub, memberId, made, proposedId } = elsewhere
      await tx.ltiUser.create({ data: { contextId, sub, memberId, made, proposedId } })
      return memberId
    }
    const keys = [
      ...(learner.number === null ? [] : [{ number: learner.number }]),
      ...(learner.email === null ? [] : [{ email: learner.email }]),
    ]
    const matches =
      keys.length === 0
        ? []
        : await tx.member.findMany({ where: { courseId, removedAt: null, ltiUsers: { none: {} }, OR: keys }, take: 2 })
    const taken = await tx.member.count({ where: { courseId, number: learner.number ?? '' } })
    const number = learner.number !== null && taken === 0 ? learner.number : makeNumber(context, learner.sub)
    const { id: memberId } = await tx.member.create({
      data: { id: newId(), courseId, number, name: learner.name ?? number, email: learner.email, createdAt: now() },
    })
    const proposedId = matches.length === 1 ? (matches[0]?.id ?? null) : null
    await tx.ltiUser.create({ data: { contextId, sub: learner.sub, memberId, made: true, proposedId } })
    return memberId
  }

  return {
    async findAccount(platformId, sub) {
      const row = await prisma.ltiAccount.findUnique({
        where: { platformId_sub: { platformId, sub } },
        include: { teacher: true },
      })
      if (row?.teacher.blockedAt) throw new ApiError('forbidden', 'This account has been blocked.')
      return row?.teacher ?? null
    },

    mayCreateAccount,

    async connectAccount(platform, { sub, name }, teacherId) {
      if (teacherId === null && !(await mayCreateAccount(platform)))
        throw new ApiError('forbidden', 'Only platforms of an owner of this installation bring new accounts.')
      await prisma.$transaction(async (tx) => {
        const id = teacherId ?? newId()
        if (teacherId === null) await tx.teacher.create({ data: { id, name: name ?? '', createdAt: now() } })
        const { count } = await tx.ltiAccount.createMany({
          data: [{ platformId: platform.id, sub, teacherId: id }],
          skipDuplicates: true,
        })
        if (count === 0) throw new ApiError('conflict', 'This user of the platform has an account already.')
      })
    },

    enrol: (context, learner) =>
      prisma.$transaction(async (tx) => {
        // As changes of the roster do: one after another, so that two launches find the same rows.
        await tx.$queryRaw`SELECT 1 FROM "Course" WHERE "id" = ${context.courseId} FOR NO KEY UPDATE`
        const known = await tx.ltiUser.findUnique({
          where: { contextId_sub: { contextId: context.id, sub: learner.sub } },
          include: { member: true },
        })
        if (!known) return { memberId: await add(tx, context, learner), enrolment: 'added' }
        const { member, made } = known
        const name = (made ? learner.name : null) ?? member.name
        const email = (made ? learner.email : null) ?? member.email
        const changed = name !== member.name || email !== member.email || member.removedAt !== null
        // Whoever launches or is on the platform's list is in the course.
        if (changed) await tx.member.update({ where: { id: member.id }, data: { name, email, removedAt: null } })
        return { memberId: member.id, enrolment: changed ? 'changed' : 'known' }
      }),

    async decideProposal(courseId, memberId, same) {
      const user = await prisma.ltiUser.findFirst({ where: { memberId, proposedId: { not: null }, member: { courseId } } })
      if (!user?.proposedId) throw new ApiError('not-found', 'There is no such proposal.')
      if (same) {
        await courses.mergeMembers(courseId, memberId, user.proposedId)
        // The row of the roster is the teacher's: the platform does not rename it.
        await prisma.ltiUser.updateMany({ where: { memberId: user.proposedId }, data: { made: false } })
        await prisma.ltiLink.updateMany({ where: { context: { courseId } }, data: { comparedAt: null } })
      } else await prisma.ltiUser.updateMany({ where: { memberId }, data: { proposedId: null } })
    },
  }
}

/** A number for whom the platform gives none: the same for the same user, and not the platform's own id, which nobody needs to see. */
const makeNumber = ({ platformId }: LtiContext, sub: string): string =>
  `lti-${createHash('sha256').update(`${platformId} ${sub}`).digest('hex').slice(0, 8)}`
