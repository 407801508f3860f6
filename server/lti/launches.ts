/** What follows a verified launch: who it is, which course and session it opens, what is still to be asked, and the way in. */
import type { CourseRole } from '../../contract/access-rules.ts'
import type { LaunchChoice, LaunchView } from '../../contract/learning-platforms.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import { hashSecretToken, newSecretToken } from '../base/secret-token.ts'
import {
  Prisma,
  type LtiContext,
  type LtiLink,
  type LtiPlatform,
  type PrismaClient,
  type Session,
  type Teacher,
} from '../generated/prisma/client.ts'
import type { Courses } from '../courses/courses.ts'
import type { EnteredMember } from '../courses/member-entry.ts'
import type { ParticipantPrincipal } from '../identity/auth.ts'
import { toContentClaims } from './deep-linking.ts'
import type { Launch } from './launch.ts'
import type { People } from './platform-users.ts'
import type { ToolKeys } from './tool-keys.ts'

/** Where a launch leads, and as whom. */
export type Entrance = { readonly path: string } & ({ readonly teacher: string } | { readonly participant: EnteredMember })

/** Who asks about a launch: the teacher signed in in this browser, and whether the browser has shown that it is the one of the launch. */
export interface LaunchBrowser {
  readonly teacherId: string | null
  readonly isProven: boolean
}

/** Launches that have been verified. Those who have a ticket reject with `already-used` if it is not good any more. */
export interface Launches {
  /**
   * Where the launch leads, if nothing is to be asked; otherwise null. `held`: as whom the browser has joined before, by its cookies.
   */
  enter(platform: LtiPlatform, launch: Launch, held: readonly ParticipantPrincipal[]): Promise<Entrance | null>
  /** Keeps a launch for ten minutes, and resolves to its ticket. `bound`: see the table. */
  keep(platform: LtiPlatform, launch: Launch, bound: boolean): Promise<string>
  read(ticket: string, browser: LaunchBrowser): Promise<LaunchView>
  /** Takes the answer to what the launch asks. Rejects with `malformed` or `forbidden` for what it does not offer. */
  choose(choice: LaunchChoice, browser: LaunchBrowser): Promise<LaunchView>
  /**
   * Uses the ticket up and goes on: to the session, for a teacher also to the list of sessions. Resolves to the platform's id, and
   * leaves the ticket as it is, if there is something to be asked first.
   */
  goOn(ticket: string, held: readonly ParticipantPrincipal[]): Promise<Entrance | { readonly platformId: string }>
  /** Answers the platform which sessions its new links open, and uses the ticket up. */
  answerContent(ticket: string, sessions: readonly string[], origin: string): Promise<{ url: string; jwt: string }>
}

export interface LaunchesDeps {
  readonly prisma: PrismaClient
  readonly people: People
  readonly courses: Pick<Courses, 'enterSession' | 'wakeDevice'>
  readonly keys: Pick<ToolKeys, 'sign'>
  readonly now: () => Date
}

/** Real ms for which a ticket is good. */
const TICKET_LIFETIME_MS = 10 * 60_000
/** Sessions and courses offered for choice. */
const MAX_CHOICES = 200

/** What is known about a launch. */
interface Assessment {
  readonly step: LaunchView['step']
  readonly account: Teacher | null
  readonly context: LtiContext | null
  readonly session: Session | null
}

export function createLaunches({ prisma, people, courses, keys, now }: LaunchesDeps): Launches {
  /** The platform's course, with what its newest launch says of it; null if it is no course here yet. */
  const findContext = async (platform: LtiPlatform, { deployment, context, services }: Launch): Promise<LtiContext | null> => {
    const key = { platformId: platform.id, deploymentId: deployment, contextId: context.id }
    const before = await prisma.ltiContext.findUnique({ where: { platformId_deploymentId_contextId: key } })
    if (!before) return null
    const data = {
      title: context.title,
      membershipsUrl: services.memberships ?? before.membershipsUrl,
      lineItemsUrl: services.lineItems ?? before.lineItemsUrl,
      gradeScopes: services.gradeScopes.length > 0 ? [...services.gradeScopes] : (before.gradeScopes as string[]),
    }
    return prisma.ltiContext.update({ where: { id: before.id }, data })
  }

  /** The session that the launch's link opens; null if it is unknown or has been deleted. */
  const findSession = async (context: LtiContext, { message, services }: Launch): Promise<Session | null> => {
    if (message.kind !== 'resource-link') return null
    const key = { contextId: context.id, resourceLinkId: message.id }
    const link = await prisma.ltiLink.findUnique({ where: { contextId_resourceLinkId: key }, include: { session: true } })
    if (link && !link.session.deletedAt) {
      if (services.lineItem !== null && services.lineItem !== link.lineItemUrl)
        await prisma.ltiLink.update({ where: { id: link.id }, data: { lineItemUrl: services.lineItem, comparedAt: null } })
      return link.session
    }
    // A link that deep linking has made names its session. Teachers can change what it names, so it must be one of the course.
    if (message.session === null) return null
    const session = await prisma.session.findUnique({
      where: { id: message.session, courseId: context.courseId, kind: { not: 'open' }, deletedAt: null },
    })
    if (session) await openSession(context, message.id, session.id, services.lineItem)
    return session
  }

  const openSession = (
    context: LtiContext,
    resourceLinkId: string,
    sessionId: string,
    lineItemUrl: string | null,
  ): Promise<LtiLink> => {
    const data = { sessionId, lineItemUrl, comparedAt: null }
    return prisma.ltiLink.upsert({
      where: { contextId_resourceLinkId: { contextId: context.id, resourceLinkId } },
      update: data,
      create: { ...data, id: newId(), contextId: context.id, resourceLinkId },
    })
  }

  /** Puts a platform's teacher on the course's staff; whoever is there keeps their role. */
  const ensureStaff = async (courseId: string, teacherId: string, role: CourseRole) => {
    const hasOwner = (await prisma.courseStaff.count({ where: { courseId, role: 'owner' satisfies CourseRole } })) > 0
    const data = [{ courseId, teacherId, role: hasOwner || role === 'assistant' ? role : 'owner' }]
    await prisma.courseStaff.createMany({ data, skipDuplicates: true })
  }

  const assess = async (platform: LtiPlatform, launch: Launch): Promise<Assessment> => {
    const isStudent = launch.role === 'student'
    const account = isStudent ? null : await people.findAccount(platform.id, launch.sub)
    const context = await findContext(platform, launch)
    const session = context && (await findSession(context, launch))
    const at = (step: LaunchView['step']): Assessment => ({ step, account, context, session })
    if (isStudent) {
      if (!context || !session) return at('not-ready')
      const isOpen = !session.endedAt && !session.lockedAt
      return at(isOpen || (await hasTakenPart(session.id, context.id, launch.sub)) ? 'ready' : 'closed')
    }
    if (!account) return at('account')
    if (!context) return at(launch.role === 'teacher' ? 'course' : 'not-ready')
    await ensureStaff(context.courseId, account.id, launch.role === 'teacher' ? 'teacher' : 'assistant')
    if (launch.message.kind === 'deep-linking') return at('content')
    return at(session ? 'ready' : 'session')
  }

  const hasTakenPart = async (sessionId: string, contextId: string, sub: string): Promise<boolean> =>
    (await prisma.participant.count({
      where: { sessionId, removedAt: null, member: { ltiUsers: { some: { contextId, sub } } } },
    })) > 0

  const enterAs = async (
    launch: Launch,
    { step, account, context, session }: Assessment,
    held: readonly ParticipantPrincipal[],
  ): Promise<Entrance | null> => {
    if (step !== 'ready' || !session || !context) return null
    if (account) return { teacher: account.id, path: `/teach/${session.id}` }
    const { memberId } = await people.enrol(context, launch)
    // What they have played stands open after the session, too.
    const before = session.endedAt
      ? await prisma.participant.findFirst({ where: { sessionId: session.id, memberId, removedAt: null } })
      : null
    // Whoever opens the link is here now: another device of theirs is told so.
    const participant = before
      ? await courses.wakeDevice(before.id)
      : await courses.enterSession(memberId, session.id, { held, takeOver: true })
    return { participant, path: `/r/${participant.id}` }
  }

  const usedError = () =>
    new ApiError('already-used', 'This launch has been used or is too old: open it once more at the platform.')

  const load = async (ticket: string) => {
    const row = await prisma.ltiLaunch.findUnique({ where: { hash: hashSecretToken(ticket) }, include: { platform: true } })
    if (!row || row.usedAt || row.expiresAt <= now()) throw usedError()
    return { platform: row.platform, launch: row.launch as unknown as Launch, bound: row.bound }
  }
  const useUp = async (ticket: string) => {
    const { count } = await prisma.ltiLaunch.updateMany({
      where: { hash: hashSecretToken(ticket), usedAt: null },
      data: { usedAt: now() },
    })
    if (count === 0) throw usedError()
  }

  /**
   * The sessions that a link may open: those of the course, and the account's own ones that are of no course; where somebody has come
   * in by name alone, it stays without a roster.
   */
  const whereChoosable = (context: LtiContext, account: Teacher): Prisma.SessionWhereInput => ({
    AND: [
      { OR: [{ courseId: context.courseId }, { courseId: null, teacherId: account.id }] },
      { OR: [{ kind: { not: 'open' } }, { participants: { none: { memberId: null, builtIn: false } } }] },
    ],
    deletedAt: null,
    archivedAt: null,
    rehearsal: { equals: Prisma.DbNull },
  })

  /** Takes sessions into the course, for its members. Rejects with `malformed` unless all of them may be chosen. */
  const takeSessions = async (context: LtiContext, account: Teacher, ids: readonly string[]): Promise<Session[]> => {
    const found = await prisma.session.findMany({ where: { ...whereChoosable(context, account), id: { in: [...ids] } } })
    if (found.length < new Set(ids).size) throw new ApiError('malformed', 'This session cannot be chosen.')
    await prisma.session.updateMany({
      where: { id: { in: [...ids] }, courseId: null },
      data: { courseId: context.courseId },
    })
    // Whoever comes by a platform is a member of the course, and grades are the members'.
    await prisma.session.updateMany({ where: { id: { in: [...ids] }, kind: 'open' }, data: { kind: 'roster' } })
    return ids.flatMap((id) => found.find((session) => session.id === id) ?? [])
  }

  const whereTeaches = (account: Teacher): Prisma.CourseWhereInput => ({
    archivedAt: null,
    staff: { some: { teacherId: account.id, role: { in: ['owner', 'teacher'] satisfies CourseRole[] } } },
  })

  const view = async (
    { platform, launch, bound }: Awaited<ReturnType<typeof load>>,
    assessment: Assessment,
    { teacherId, isProven }: LaunchBrowser,
  ): Promise<LaunchView> => {
    const { step, account, context, session } = assessment
    const order = [{ createdAt: 'desc' as const }, { id: 'asc' as const }]
    const select = { id: true, title: true }
    const signedIn =
      step === 'account' && isProven && teacherId ? await prisma.teacher.findUnique({ where: { id: teacherId } }) : null
    return {
      step,
      keepsCookies: bound,
      platform: platform.name,
      name: launch.name,
      role: launch.role,
      context: launch.context.title,
      session: session?.title ?? null,
      isProven,
      mayCreateAccount: step === 'account' && (await people.mayCreateAccount(platform)),
      signedIn: signedIn && (signedIn.name || (signedIn.email ?? '')),
      courses:
        step === 'course' && account
          ? await prisma.course.findMany({ where: whereTeaches(account), select, orderBy: order, take: MAX_CHOICES })
          : [],
      sessions:
        (step === 'session' || step === 'content') && account && context
          ? await prisma.session.findMany({ where: whereChoosable(context, account), select, orderBy: order, take: MAX_CHOICES })
          : [],
      multiple: launch.message.kind === 'deep-linking' && launch.message.multiple,
    }
  }

  const chooseCourse = async (platform: LtiPlatform, launch: Launch, account: Teacher, courseId: string | null) => {
    if (courseId !== null && (await prisma.course.count({ where: { ...whereTeaches(account), id: courseId } })) === 0)
      throw new ApiError('malformed', 'This course cannot be chosen.')
    const { context, services, deployment } = launch
    const { id } =
      courseId === null
        ? await prisma.course.create({
            data: {
              id: newId(),
              title: context.title,
              createdAt: now(),
              staff: { create: { teacherId: account.id, role: 'owner' satisfies CourseRole } },
            },
          })
        : { id: courseId }
    const { count } = await prisma.ltiContext.createMany({
      data: [
        {
          id: newId(),
          platformId: platform.id,
          deploymentId: deployment,
          contextId: context.id,
          title: context.title,
          courseId: id,
          membershipsUrl: services.memberships,
          lineItemsUrl: services.lineItems,
          gradeScopes: [...services.gradeScopes],
        },
      ],
      skipDuplicates: true,
    })
    // A colleague has chosen at the same moment: that counts, and a course made for nothing goes.
    if (count === 0 && courseId === null) await prisma.course.delete({ where: { id } })
  }

  return {
    enter: async (platform, launch, held) => enterAs(launch, await assess(platform, launch), held),

    async keep({ id: platformId }, launch, bound) {
      const ticket = newSecretToken()
      await prisma.ltiLaunch.create({
        data: {
          hash: hashSecretToken(ticket),
          platformId,
          launch: launch as unknown as Prisma.InputJsonObject,
          bound,
          expiresAt: new Date(now().getTime() + TICKET_LIFETIME_MS),
        },
      })
      return ticket
    },

    async read(ticket, browser) {
      const kept = await load(ticket)
      return view(kept, await assess(kept.platform, kept.launch), browser)
    },

    async choose({ ticket, account: wanted, course, session }, browser) {
      const kept = await load(ticket)
      const { platform, launch } = kept
      const { step, account, context } = await assess(platform, launch)
      if (step === 'account' && wanted !== undefined) {
        // Whoever holds a link to this launch must not be able to get into the account of somebody whom they make open it.
        if (wanted === 'mine' && (!browser.isProven || browser.teacherId === null))
          throw new ApiError('forbidden', 'Nobody is signed in here, or the launch was begun in another browser.')
        await people.connectAccount(platform, launch, wanted === 'mine' ? browser.teacherId : null)
      } else if (step === 'course' && account && course !== undefined) await chooseCourse(platform, launch, account, course)
      else if (step === 'session' && account && context && launch.message.kind === 'resource-link' && session !== undefined) {
        await takeSessions(context, account, [session])
        await openSession(context, launch.message.id, session, launch.services.lineItem)
      } else throw new ApiError('malformed', 'This is not what the launch asks.')
      return view(kept, await assess(platform, launch), browser)
    },

    async goOn(ticket, held) {
      const { platform, launch } = await load(ticket)
      const assessment = await assess(platform, launch)
      const { step, account } = assessment
      if (account && (step === 'session' || step === 'content')) {
        await useUp(ticket)
        return { teacher: account.id, path: '/teach' }
      }
      if (step !== 'ready') return { platformId: platform.id }
      await useUp(ticket)
      return (await enterAs(launch, assessment, held)) ?? { platformId: platform.id }
    },

    async answerContent(ticket, sessions, origin) {
      const { platform, launch } = await load(ticket)
      const { account, context } = await assess(platform, launch)
      const { message, deployment } = launch
      if (message.kind !== 'deep-linking' || !account || !context)
        throw new ApiError('malformed', 'The platform does not ask for content.')
      if (sessions.length > 1 && !message.multiple) throw new ApiError('malformed', 'The platform takes one only.')
      const taken = await takeSessions(context, account, sessions)
      await useUp(ticket)
      const jwt = await keys.sign(toContentClaims(platform, { deployment, message }, taken, `${origin}/lti/launch`))
      return { url: message.returnUrl, jwt }
    },
  }
}
