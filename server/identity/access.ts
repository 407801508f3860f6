/**
 * Authorization. The contract names a rule for each route and event; this module checks it, in the same way for HTTP and sockets.
 */
import type { SeatOrNetwork } from '../../protocol/seat.ts'
import { neededScope, type AccessRule, type CourseRole, type NeededScope } from '../../contract/access-rules.ts'
import type { Reply } from '../../contract/answers.ts'
import { CLIENT_EVENTS } from '../../contract/events.ts'
import { listServedPaths } from '../../contract/pages.ts'
import { ROUTES } from '../../contract/routes/all-routes.ts'
import type { ParticipantPrincipal, Principal, TeacherPrincipal, TokenPrincipal } from './auth.ts'
import { ApiError, toFailure } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

type Rules<D extends Record<string, { readonly access: AccessRule }>> = { readonly [K in keyof D]: D[K]['access'] }
const rulesOf = <D extends Record<string, { readonly access: AccessRule }>>(declared: D) =>
  Object.fromEntries(Object.entries(declared).map(([key, { access }]) => [key, access])) as Rules<D>

/** Keys of the pages and their assets. Anyone may load them, because their data comes from the routes. */
const PAGE_KEYS = [...listServedPaths(), '/*' as const].map((path) => `GET ${path}` as const)

/**
 * The access table: the rule of every route (by method and pattern) and of every socket event (by name), as the contract declares
 * them. Anything not listed is denied.
 */
export const ACCESS = {
  ...rulesOf(ROUTES),
  ...rulesOf(CLIENT_EVENTS),
  ...(Object.fromEntries(PAGE_KEYS.map((key) => [key, 'anyone'])) as Record<(typeof PAGE_KEYS)[number], 'anyone'>),
}

/** A key of the access table, such as `GET /api/teacher` or `act`. */
export type AccessKey = keyof typeof ACCESS

/** The scope that a token needs, by key. The pages have none. */
export const TOKEN_NEEDS: { readonly [K in AccessKey]: NeededScope } = Object.fromEntries([
  ...Object.entries(ROUTES).map(([key, declared]) => [key, neededScope(declared, key.startsWith('GET '))]),
  ...Object.entries(CLIENT_EVENTS).map(([key, declared]) => [key, neededScope(declared, false)]),
  ...PAGE_KEYS.map((key) => [key, 'none']),
]) as { readonly [K in AccessKey]: NeededScope }

/** The objects that a route's parameters or an event's payload refer to. */
export interface AccessTarget {
  readonly session?: string | undefined
  readonly course?: string | undefined
  readonly platform?: string | undefined
  readonly round?: string | undefined
  readonly exercise?: string | undefined
}

/** A permission. `seat`: the principal's seat in the round, if the rule requires one; null for a teacher. */
export interface Grant {
  readonly seat: SeatOrNetwork | null
}

/** Authorizes requests and events. */
export interface Access {
  /** Decides whether this principal may use the route or event on its target. A failure is the answer to send. */
  authorize(principal: Principal | null, key: AccessKey, target: AccessTarget): Promise<Reply<Grant>>
}

/** Whose a session is: its teacher's, and its course's. */
interface SessionOwners {
  readonly teacherId: string | null
  readonly courseId: string | null
}

/** To whom a round belongs. They never change, so they can be cached. */
interface RoundOwners {
  readonly sessionId: string
  readonly client: string
  readonly server: string
  readonly network: string | null
}

/** Maximum number of rounds whose owners are cached: every act looks them up. */
const MAX_CACHED_ROUNDS = 20_000

const ID_PATTERN = /^[\w-]{8,40}$/
const EXERCISE_ID_PATTERN = /^[a-z0-9-]{1,60}\.[\w-]{22}$/

/** Whoever asks, once it is known for which teacher a program acts. */
type Person = ParticipantPrincipal | TeacherPrincipal

/** The kinds of principal that a rule can admit. */
const PRINCIPAL_KINDS: { readonly [R in Exclude<AccessRule, 'anyone'>]: readonly Person['kind'][] } = {
  participant: ['participant'],
  teacher: ['teacher'],
  owner: ['teacher'],
  'staff of the course': ['teacher'],
  'teacher of the course': ['teacher'],
  'teacher of the platform': ['teacher'],
  'teacher of the session': ['teacher'],
  'teacher of the round': ['teacher'],
  'teacher of the exercise': ['teacher'],
  'seat of the round': ['participant'],
  'network seat of the round': ['participant'],
  'seat or teacher of the round': ['participant', 'teacher'],
}

export function createAccess(prisma: PrismaClient): Access {
  const ownersCache = new Map<string, RoundOwners>()

  const loadRoundOwners = async (round: string): Promise<RoundOwners> => {
    const known = ownersCache.get(round)
    if (known) return known
    const row = await prisma.round.findUnique({
      where: { id: round },
      select: { sessionId: true, clientId: true, serverId: true, networkId: true },
    })
    if (!row) throw new ApiError('not-found', 'There is no such round.')
    const { sessionId, clientId: client, serverId: server, networkId: network } = row
    const owners = { sessionId, client, server, network }
    for (const oldest of ownersCache.keys()) {
      if (ownersCache.size < MAX_CACHED_ROUNDS) break
      ownersCache.delete(oldest)
    }
    ownersCache.set(round, owners)
    return owners
  }

  const loadSessionOwners = async (session: string): Promise<SessionOwners> => {
    const row = await prisma.session.findUnique({ where: { id: session }, select: { teacherId: true, courseId: true } })
    if (!row) throw new ApiError('not-found', 'There is no such session.')
    return row
  }

  const loadRole = async (teacherId: string, courseId: string): Promise<CourseRole | null> => {
    const row = await prisma.courseStaff.findUnique({ where: { courseId_teacherId: { courseId, teacherId } } })
    return row ? (row.role as CourseRole) : null
  }

  /** A session's course may change: it is given one when a platform is connected with it. */
  const mayRun = async (teacher: string, session: string): Promise<boolean> => {
    const { teacherId, courseId } = await loadSessionOwners(session)
    return teacher === teacherId || (courseId !== null && (await loadRole(teacher, courseId)) !== null)
  }

  const loadCourseRole = async (teacher: string, course: string): Promise<CourseRole | null> => {
    if ((await prisma.course.count({ where: { id: course } })) === 0) throw new ApiError('not-found', 'There is no such course.')
    return loadRole(teacher, course)
  }

  const loadPlatformTeacher = async (platform: string): Promise<string> => {
    const row = await prisma.ltiPlatform.findUnique({ where: { id: platform }, select: { teacherId: true } })
    if (!row) throw new ApiError('not-found', 'There is no such platform.')
    return row.teacherId
  }

  const loadExerciseAuthor = async (exercise: string): Promise<string> => {
    const row = await prisma.ownExercise.findUnique({ where: { id: exercise }, select: { teacherId: true } })
    if (!row) throw new ApiError('not-found', 'There is no such exercise.')
    return row.teacherId
  }

  const grant = async (principal: Person | null, rule: AccessRule, target: AccessTarget): Promise<Grant> => {
    if (rule === 'anyone') return { seat: null }
    const kinds = PRINCIPAL_KINDS[rule]
    if (!principal) {
      const how = kinds.map((kind) => (kind === 'teacher' ? 'sign in' : 'join')).join(' or ')
      throw new ApiError('unauthenticated', `This is for a ${kinds.join(' or a ')}: ${how} first.`)
    }
    const forbidden = () => new ApiError('forbidden', `This is for the ${rule}.`)
    if (!kinds.includes(principal.kind)) throw forbidden()

    switch (rule) {
      case 'participant':
      case 'teacher':
        return { seat: null }
      case 'owner':
        if ((await prisma.teacher.count({ where: { id: principal.id, owner: true } })) === 0) throw forbidden()
        return { seat: null }
      case 'staff of the course':
        if ((await loadCourseRole(principal.id, requireId(target.course))) === null) throw forbidden()
        return { seat: null }
      case 'teacher of the course':
        if (!isCourseTeacher(await loadCourseRole(principal.id, requireId(target.course)))) throw forbidden()
        return { seat: null }
      case 'teacher of the platform':
        if ((await loadPlatformTeacher(requireId(target.platform))) !== principal.id) throw forbidden()
        return { seat: null }
      case 'teacher of the session':
        if (!(await mayRun(principal.id, requireId(target.session)))) throw forbidden()
        return { seat: null }
      case 'teacher of the round':
        if (!(await mayRun(principal.id, (await loadRoundOwners(requireId(target.round))).sessionId))) throw forbidden()
        return { seat: null }
      case 'teacher of the exercise':
        if ((await loadExerciseAuthor(requireId(target.exercise, EXERCISE_ID_PATTERN))) !== principal.id) throw forbidden()
        return { seat: null }
      case 'seat of the round':
      case 'network seat of the round':
      case 'seat or teacher of the round': {
        const { sessionId, client, server, network } = await loadRoundOwners(requireId(target.round))
        if (principal.kind === 'teacher' && (await mayRun(principal.id, sessionId))) return { seat: null }
        if (rule !== 'network seat of the round' && principal.id === client) return { seat: 'client' }
        if (rule !== 'network seat of the round' && principal.id === server) return { seat: 'server' }
        if (rule !== 'seat of the round' && principal.id === network) return { seat: 'network' }
        throw forbidden()
      }
    }
  }

  return {
    async authorize(principal, key, target) {
      try {
        return { ok: true, ...(await grant(actingFor(principal, key), ACCESS[key], target)) }
      } catch (error) {
        if (error instanceof ApiError) return toFailure(error)
        throw error
      }
    },
  }
}

/** Whether somebody in this role may change the course's roster and grades. */
const isCourseTeacher = (role: CourseRole | null): boolean => role === 'owner' || role === 'teacher'

/** Returns the id. Throws `not-found` for text that does not have the form of an id, so that it never reaches the database. */
function requireId(text: string | undefined, pattern = ID_PATTERN): string {
  if (text === undefined || !pattern.test(text)) throw new ApiError('not-found', 'There is nothing by that name.')
  return text
}

/**
 * The person for whom somebody acts: for a program with the scope that it needs, its teacher. A route that no token opens but that is
 * open to anyone is open to a program, too, as to anyone. Throws `forbidden`.
 */
export function actingFor<P extends Person>(principal: P | TokenPrincipal | null, key: AccessKey): P | TeacherPrincipal | null {
  if (principal?.kind !== 'token') return principal
  const needed = TOKEN_NEEDS[key]
  if (needed === 'none') {
    if (ACCESS[key] === 'anyone') return null
    throw new ApiError('forbidden', 'No token opens this.')
  }
  if (!principal.scopes.includes(needed)) throw new ApiError('forbidden', `This needs a token with the scope ${needed}.`)
  return { kind: 'teacher', id: principal.id }
}
