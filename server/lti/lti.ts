/** LTI 1.3 Advantage: this classroom as a tool of learning platforms. It stands above courses, which know nothing of platforms. */
import type { After } from '../base/timer.ts'
import type { Courses } from '../courses/courses.ts'
import type { Grades } from '../grades/grades.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { createConnectionAdmin, type ConnectionAdmin } from './connections.ts'
import { createDynamicRegistration, type DynamicRegistration } from './dynamic-registration.ts'
import { createLaunches, type Launches } from './launches.ts'
import { createLogins, type Logins } from './logins.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createPeople, type People } from './platform-users.ts'
import { createPlatformHttp } from './platform-http.ts'
import { createPlatforms, type Platforms } from './platforms.ts'
import { createRosterFetcher, type FetchRoster } from './roster-fetch.ts'
import { createServiceCaller } from './services.ts'
import { createToolKeys, type ToolKeys } from './tool-keys.ts'

/** The parts that routes use. */
export interface Lti {
  readonly platforms: Platforms
  readonly registration: DynamicRegistration
  readonly logins: Logins
  readonly launches: Launches
  readonly connections: ConnectionAdmin
  readonly people: Pick<People, 'decideProposal'>
  readonly fetchRoster: FetchRoster
  readonly outbox: Outbox
  readonly keys: Pick<ToolKeys, 'readKeySet'>
}

export interface LtiDeps {
  readonly prisma: PrismaClient
  readonly courses: Pick<Courses, 'mergeMembers' | 'enterSession' | 'wakeDevice'>
  readonly grades: Pick<Grades, 'readSessionScores'>
  /** BASE_URL; null if people use the machine's own addresses. */
  readonly baseUrl: string | null
  readonly now: () => Date
  readonly after: After
  readonly report: (error: unknown) => void
}

export function createLti({ prisma, courses, grades, baseUrl, now, after, report }: LtiDeps): Lti {
  // Behind https, a platform on this machine would be somebody's way to the services here.
  const loopback = !baseUrl?.startsWith('https:')
  const http = createPlatformHttp({ loopback })
  const keys = createToolKeys({ prisma, now })
  const callService = createServiceCaller({ http, keys, now })
  const platforms = createPlatforms({ prisma, http, loopback, now })
  const people = createPeople({ prisma, courses, now })
  const registration = createDynamicRegistration({ prisma, http, loopback, platforms, now })
  return {
    platforms,
    registration,
    people,
    keys,
    logins: createLogins({ prisma, platforms, now }),
    launches: createLaunches({ prisma, people, courses, keys, now }),
    connections: createConnectionAdmin({ prisma, invitations: registration }),
    fetchRoster: createRosterFetcher({ prisma, people, callService, now }),
    outbox: createOutbox({ prisma, grades, callService, now, after, report }),
  }
}
