/** Fetches the roster of a platform's course (Names and Role Provisioning Services 2.0). */
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { RosterChanges } from '../../contract/learning-platforms.ts'
import { ApiError } from '../base/api-error.ts'
import type { LtiContext, LtiPlatform, PrismaClient } from '../generated/prisma/client.ts'
import { toShownText } from './launch.ts'
import { PlatformError } from './lti-error.ts'
import type { People, PlatformLearner } from './platform-users.ts'
import { readJson } from './platform-http.ts'
import type { CallService } from './services.ts'
import { MEDIA_TYPE, SCOPE, toLaunchRole } from './vocabulary.ts'

/**
 * Fetches the rosters of all of a course's contexts. Rejects with `not-found` if no platform lists its members, and with a
 * `PlatformError`.
 */
export type FetchRoster = (courseId: string) => Promise<RosterChanges>

export interface RosterDeps {
  readonly prisma: PrismaClient
  readonly people: Pick<People, 'enrol'>
  readonly callService: CallService
  readonly now: () => Date
}

/** Maximum number of pages: with the smallest pages that platforms give, some ten thousand members. */
const MAX_PAGES = 500

const optionalText = Type.Optional(Type.Union([Type.String({ maxLength: 2000 }), Type.Null()]))
const pageValidator = Compile(
  Type.Object({
    members: Type.Array(
      Type.Object({
        user_id: Type.String({ pattern: '^[^\\u0000\\p{Cs}]{1,255}$' }),
        roles: Type.Array(Type.String({ maxLength: 500 }), { maxItems: 100 }),
        status: optionalText,
        name: optionalText,
        given_name: optionalText,
        family_name: optionalText,
        email: optionalText,
        lis_person_sourcedid: optionalText,
      }),
      { maxItems: 10_000 },
    ),
  }),
)

export function createRosterFetcher({ prisma, people, callService, now }: RosterDeps): FetchRoster {
  const readLearners = async (platform: LtiPlatform, membershipsUrl: string): Promise<PlatformLearner[]> => {
    const learners: PlatformLearner[] = []
    const { origin } = new URL(membershipsUrl)
    let url: string | null = membershipsUrl
    for (let page = 0; url !== null; page++) {
      if (page === MAX_PAGES) throw new PlatformError("The platform's list of members does not end.")
      const answer = await callService(platform, { url, scopes: [SCOPE.memberships], accept: MEDIA_TYPE.memberships })
      const body = await readJson(answer, 'list of members')
      if (!pageValidator.Check(body)) throw new PlatformError("The platform's list of members is not of its form.")
      for (const { user_id, roles, status, lis_person_sourcedid, ...person } of body.members) {
        // 2.2: a member without a status is active.
        if ((status ?? 'Active') !== 'Active' || toLaunchRole(roles) !== 'student') continue
        learners.push({
          sub: user_id,
          name: toShownText(person.name ?? [person.given_name, person.family_name].filter(Boolean).join(' '), 40),
          email: toShownText(person.email, 200)?.toLowerCase() ?? null,
          number: toShownText(lis_person_sourcedid, 40),
        })
      }
      url = findNextPage(answer.headers.get('link'), url)
      if (url !== null && new URL(url).origin !== origin)
        throw new PlatformError("The platform's list of members continues at another address.")
    }
    return learners
  }

  const fetchContext = async (context: LtiContext & { platform: LtiPlatform }, membershipsUrl: string): Promise<RosterChanges> => {
    const learners = await readLearners(context.platform, membershipsUrl)
    const counts = { added: 0, changed: 0, known: 0 }
    for (const learner of learners) counts[(await people.enrol(context, learner)).enrolment]++
    const gone = await prisma.ltiUser.findMany({
      where: { contextId: context.id, sub: { notIn: learners.map(({ sub }) => sub) }, member: { removedAt: null } },
      select: { member: { select: { name: true } } },
      orderBy: { member: { number: 'asc' } },
    })
    await prisma.ltiContext.update({ where: { id: context.id }, data: { fetchedAt: now() } })
    return { added: counts.added, changed: counts.changed, gone: gone.map(({ member }) => member.name) }
  }

  return async (courseId) => {
    const contexts = await prisma.ltiContext.findMany({
      where: { courseId, membershipsUrl: { not: null } },
      include: { platform: true },
      orderBy: { id: 'asc' },
    })
    if (contexts.length === 0) throw new ApiError('not-found', 'No platform lists the members of this course.')
    const all = { added: 0, changed: 0, gone: [] as string[] }
    for (const context of contexts) {
      const { added, changed, gone } = await fetchContext(context, context.membershipsUrl ?? '')
      all.added += added
      all.changed += changed
      all.gone.push(...gone)
    }
    return all
  }
}

/** The address of the next page in a Link header (RFC 8288; NRPS 2.0, 2.4.1); null if this page is the last one. */
export function findNextPage(header: string | null, base: string): string | null {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*("[^"]*\bnext\b[^"]*"|next\b)/i.test(parameters)) continue
    return URL.canParse(target, base) ? new URL(target, base).href : null
  }
  return null
}
