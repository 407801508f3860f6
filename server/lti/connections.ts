/** What a teacher sees of LTI: their platforms, the courses that platforms open, and how the scores are getting on. */
import type { CourseRole } from '../../contract/access-rules.ts'
import type { ConnectedCourse, Connections } from '../../contract/learning-platforms.ts'
import { ApiError } from '../base/api-error.ts'
import type { Member, Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { DynamicRegistration } from './dynamic-registration.ts'
import { takesScores } from './outbox.ts'

/** Reads and undoes connections. */
export interface ConnectionAdmin {
  /** `origin`: this tool's. */
  read(teacherId: string, origin: string): Promise<Connections>
  /** The platform's course is no course here any more; the roster stays. Rejects with `not-found`. */
  removeContext(courseId: string, contextId: string): Promise<void>
  /** The platform's link opens no session any more. Rejects with `not-found`. */
  removeLink(courseId: string, linkId: string): Promise<void>
}

export interface ConnectionAdminDeps {
  readonly prisma: PrismaClient
  readonly invitations: Pick<DynamicRegistration, 'findInvitation'>
}

const WITH_CONTEXTS = {
  course: {
    include: {
      ltiContexts: {
        orderBy: { id: 'asc' },
        include: {
          platform: true,
          users: { where: { proposedId: { not: null } }, include: { member: true, proposed: true }, orderBy: { sub: 'asc' } },
          links: {
            where: { session: { deletedAt: null } },
            orderBy: [{ session: { createdAt: 'desc' } }, { id: 'asc' }],
            include: {
              session: true,
              context: true,
              scores: { include: { member: true }, orderBy: { member: { number: 'asc' } } },
            },
          },
        },
      },
    },
  },
} as const satisfies Prisma.CourseStaffInclude
type StaffRow = Prisma.CourseStaffGetPayload<{ include: typeof WITH_CONTEXTS }>

export const createConnectionAdmin = ({ prisma, invitations }: ConnectionAdminDeps): ConnectionAdmin => ({
  async read(teacherId, origin) {
    const [platforms, invitation, staff] = await Promise.all([
      prisma.ltiPlatform.findMany({
        where: { teacherId },
        include: { deployments: { orderBy: { deploymentId: 'asc' } } },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      }),
      invitations.findInvitation(teacherId),
      prisma.courseStaff.findMany({
        where: { teacherId, course: { ltiContexts: { some: {} } } },
        include: WITH_CONTEXTS,
        orderBy: [{ course: { title: 'asc' } }, { courseId: 'asc' }],
      }),
    ])
    return {
      tool: {
        loginUrl: `${origin}/lti/login`,
        launchUrl: `${origin}/lti/launch`,
        keySetUrl: `${origin}/.well-known/jwks.json`,
        domain: new URL(origin).host,
        secure: origin.startsWith('https:'),
      },
      platforms: platforms.map(({ deployments, ...platform }) => ({
        ...platform,
        deployments: deployments.map(({ deploymentId, acceptedAt }) => ({ id: deploymentId, accepted: acceptedAt !== null })),
      })),
      invitation: invitation && { expiresAt: invitation.expiresAt.toISOString(), lastError: invitation.lastError },
      courses: staff.map(toConnectedCourse),
    }
  },

  async removeContext(courseId, id) {
    const { count } = await prisma.ltiContext.deleteMany({ where: { id, courseId } })
    if (count === 0) throw new ApiError('not-found', 'The course has no such connection.')
  },
  async removeLink(courseId, id) {
    const { count } = await prisma.ltiLink.deleteMany({ where: { id, context: { courseId } } })
    if (count === 0) throw new ApiError('not-found', 'The course has no such link.')
  },
})

const toConnectedCourse = ({ role, course: { id, title, ltiContexts } }: StaffRow): ConnectedCourse => ({
  id,
  title,
  role: role as CourseRole,
  contexts: ltiContexts.map((context) => ({
    id: context.id,
    platform: context.platform.name,
    title: context.title,
    listsMembers: context.membershipsUrl !== null,
    fetchedAt: context.fetchedAt?.toISOString() ?? null,
  })),
  proposals: ltiContexts.flatMap(({ users }) =>
    users.flatMap(({ member, proposed }) => (proposed ? [{ member: toPerson(member), proposed: toPerson(proposed) }] : [])),
  ),
  links: ltiContexts.flatMap(({ platform, links }) =>
    links.map((link) => ({
      id: link.id,
      platform: platform.name,
      session: { id: link.session.id, title: link.session.title },
      takesScores: takesScores(link),
      sent: link.scores.filter(({ dueAt }) => !dueAt).length,
      waiting: link.scores.filter(({ dueAt }) => dueAt).length,
      failed: link.scores.flatMap(({ member, lastError, attempts, dueAt }) =>
        dueAt && lastError !== null ? [{ name: member.name, error: lastError, attempts, nextAt: dueAt.toISOString() }] : [],
      ),
    })),
  ),
})

const toPerson = ({ id, name, number, email }: Member) => ({ id, name, number, email })
