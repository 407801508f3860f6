/** The learning platforms that teachers have registered, and their deployments. */
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import type { PlatformChange, NewPlatform } from '../../contract/learning-platforms.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { LtiPlatform, PrismaClient } from '../generated/prisma/client.ts'
import { normalizeText } from '../lessons/names.ts'
import { PlatformError } from './lti-error.ts'
import { checkPlatformUrl, type PlatformHttp } from './platform-http.ts'

/** The platforms, in the database. */
export interface Platforms {
  /** Registers a platform for this teacher. Rejects with `malformed` or, if it is registered already, `conflict`. */
  register(teacherId: string, wanted: NewPlatform): Promise<LtiPlatform>
  /** Changes a platform; what is absent stays. Rejects as `register` does. */
  change(platformId: string, change: PlatformChange): Promise<void>
  remove(platformId: string): Promise<void>
  /** Accepts launches of a deployment. */
  acceptDeployment(platformId: string, deploymentId: string): Promise<void>
  /** Refuses launches of a deployment from now on. */
  removeDeployment(platformId: string, deploymentId: string): Promise<void>
  /** Whether launches of this deployment are accepted. One that is not is recorded, for the teacher to accept. */
  checkDeployment(platformId: string, deploymentId: string): Promise<boolean>
  /** The keys with which the platform signs, fetched from its registered address when they are needed. */
  keySetOf(platform: LtiPlatform): JWTVerifyGetKey
  /** Adds origins of the platform's pages, as a signed launch has named them. */
  learnOrigins(platform: LtiPlatform, origins: readonly string[]): Promise<void>
  /** The origins of the platform's pages; empty if there is no such platform. */
  readOrigins(platformId: string): Promise<readonly string[]>
}

/** Maximum number of deployments that are recorded without having been accepted: a launch of each was signed by the platform. */
const MAX_UNACCEPTED = 20
const MAX_ORIGINS = 20
/** Real ms. A key that is not in the cached set is looked for at the platform, but not more often than this. */
const KEY_SET_COOLDOWN_MS = 30_000
const KEY_SET_MAX_AGE_MS = 600_000

export interface PlatformsDeps {
  readonly prisma: PrismaClient
  readonly http: PlatformHttp
  /** Whether plain HTTP to this machine is allowed. */
  readonly loopback: boolean
  readonly now: () => Date
}

export function createPlatforms({ prisma, http, loopback, now }: PlatformsDeps): Platforms {
  const keySets = new Map<string, JWTVerifyGetKey>()

  const checkUrls = (urls: readonly (string | undefined)[]) => {
    for (const url of urls)
      try {
        if (url !== undefined) checkPlatformUrl(url, { loopback })
      } catch (error) {
        if (error instanceof PlatformError) throw new ApiError('malformed', error.message, { problems: [error.message] })
        throw error
      }
  }
  /** Rejects with `conflict` if work breaks the uniqueness of issuer and client id. */
  const registered = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      if ((error as { code?: unknown }).code === 'P2002')
        throw new ApiError('conflict', 'A platform with this issuer and client ID is registered already.')
      throw error
    }
  }

  return {
    register(teacherId, { name, deployments, ...addresses }) {
      checkUrls([addresses.authenticationUrl, addresses.tokenUrl, addresses.keySetUrl])
      const acceptedAt = now()
      return registered(
        prisma.ltiPlatform.create({
          data: {
            ...addresses,
            id: newId(),
            teacherId,
            name: normalizeText(name),
            origins: originsOf([addresses.issuer, addresses.authenticationUrl]),
            createdAt: now(),
            deployments: { create: [...new Set(deployments)].map((deploymentId) => ({ deploymentId, acceptedAt })) },
          },
        }),
      )
    },

    async change(id, { name, ...addresses }) {
      checkUrls([addresses.authenticationUrl, addresses.tokenUrl, addresses.keySetUrl])
      const before = await prisma.ltiPlatform.findUniqueOrThrow({ where: { id } })
      const after = { ...before, ...addresses }
      const origins = originsOf([after.issuer, after.authenticationUrl, ...originsIn(before)]).slice(0, MAX_ORIGINS)
      await registered(
        prisma.ltiPlatform.update({
          where: { id },
          data: { ...addresses, origins, ...(name === undefined ? {} : { name: normalizeText(name) }) },
        }),
      )
    },

    remove: async (id) => void (await prisma.ltiPlatform.deleteMany({ where: { id } })),

    async acceptDeployment(platformId, deploymentId) {
      const acceptedAt = now()
      await prisma.ltiDeployment.upsert({
        where: { platformId_deploymentId: { platformId, deploymentId } },
        update: { acceptedAt },
        create: { platformId, deploymentId, acceptedAt },
      })
    },
    removeDeployment: async (platformId, deploymentId) =>
      void (await prisma.ltiDeployment.deleteMany({ where: { platformId, deploymentId } })),

    async checkDeployment(platformId, deploymentId) {
      const known = await prisma.ltiDeployment.findMany({ where: { platformId } })
      const found = known.find((each) => each.deploymentId === deploymentId)
      if (found) return found.acceptedAt !== null
      if (known.filter(({ acceptedAt }) => !acceptedAt).length < MAX_UNACCEPTED)
        await prisma.ltiDeployment.createMany({ data: [{ platformId, deploymentId }], skipDuplicates: true })
      return false
    },

    keySetOf({ id, keySetUrl }) {
      const key = `${id} ${keySetUrl}`
      let keySet = keySets.get(key)
      if (!keySet) {
        keySet = createRemoteJWKSet(new URL(keySetUrl), {
          cooldownDuration: KEY_SET_COOLDOWN_MS,
          cacheMaxAge: KEY_SET_MAX_AGE_MS,
          [customFetch]: (url, { signal }) => http(url, { headers: { accept: 'application/json' }, signal }),
        })
        keySets.set(key, keySet)
      }
      return keySet
    },

    async learnOrigins(platform, origins) {
      const before = originsIn(platform)
      const after = [...new Set([...before, ...origins])].slice(0, MAX_ORIGINS)
      if (after.length > before.length) await prisma.ltiPlatform.update({ where: { id: platform.id }, data: { origins: after } })
    },

    async readOrigins(id) {
      const platform = await prisma.ltiPlatform.findUnique({ where: { id } })
      return platform ? originsIn(platform) : []
    },
  }
}

const originsIn = ({ origins }: LtiPlatform): readonly string[] => origins as string[]

/** The origins of those that are addresses of pages; an issuer may be any text. */
const originsOf = (urls: readonly string[]): string[] => [
  ...new Set(urls.flatMap((url) => (URL.canParse(url) && /^https?:/.test(url) ? [new URL(url).origin] : []))),
]
