/** The login that precedes each launch (Security Framework 1.0, 5.1.1): it ties the launch to a request that began here. */
import { hashSecretToken, newSecretToken } from '../base/secret-token.ts'
import type { LtiPlatform, PrismaClient } from '../generated/prisma/client.ts'
import { verifyLaunch, type Launch } from './launch.ts'
import { LaunchError } from './lti-error.ts'
import type { Platforms } from './platforms.ts'

/** What a platform sends to begin a login (5.1.1.1, LTI 1.3 Core 4.1), unchecked. */
export interface LoginRequest {
  readonly iss?: string | undefined
  readonly client_id?: string | undefined
  readonly login_hint?: string | undefined
  readonly target_link_uri?: string | undefined
  readonly lti_message_hint?: string | undefined
}

/** Logins and the launches that end them. All methods reject with a `LaunchError`. */
export interface Logins {
  /** Begins a login. Resolves to the platform's address to go to, and the state that the launch has to bring. `origin`: this tool's. */
  begin(request: LoginRequest, origin: string): Promise<{ readonly location: string; readonly state: string }>
  /** Verifies the launch that ends a login; it cannot be repeated. */
  finish(answer: {
    readonly state: string
    readonly idToken: string
  }): Promise<{ readonly platform: LtiPlatform; readonly launch: Launch }>
  /** The platform of a login that the platform itself has refused; the login cannot be finished any more. Null if it is unknown. */
  abandon(state: string): Promise<string | null>
}

/** Real ms within which a login has to be finished. */
const LOGIN_LIFETIME_MS = 10 * 60_000

export interface LoginsDeps {
  readonly prisma: PrismaClient
  readonly platforms: Platforms
  readonly now: () => Date
}

export function createLogins({ prisma, platforms, now }: LoginsDeps): Logins {
  /** Takes the row away, so that it counts once, whoever else asks at the same time. */
  const takeState = async (state: string) => {
    const [taken] = await prisma.$queryRaw<{ nonce: string; platformId: string; targetLinkUri: string; expiresAt: Date }[]>`
      DELETE FROM "LtiState" WHERE "hash" = ${hashSecretToken(state)} RETURNING "nonce", "platformId", "targetLinkUri", "expiresAt"`
    return taken && taken.expiresAt > now() ? taken : null
  }

  return {
    async begin({ iss, client_id, login_hint, target_link_uri, lti_message_hint }, origin) {
      if (!iss || !login_hint || !target_link_uri) throw new LaunchError('claims', 'The login lacks a parameter.')
      const found = await prisma.ltiPlatform.findMany({
        where: { issuer: iss, ...(client_id ? { clientId: client_id } : {}) },
        include: { teacher: true },
        take: 2,
      })
      const [platform] = found
      // Without a client id, the issuer alone must tell which registration is meant.
      if (!platform || found.length > 1)
        throw new LaunchError('unknown-platform', 'No registered platform has this issuer and client ID.')
      if (platform.teacher.blockedAt) throw new LaunchError('blocked', "The platform's account is blocked.", platform.id)
      if (!URL.canParse(target_link_uri) || new URL(target_link_uri).origin !== origin)
        throw new LaunchError('target', 'The login is for an address that is not of this tool.', platform.id)

      const [state, nonce] = [newSecretToken(), newSecretToken()]
      await prisma.ltiState.create({
        data: {
          hash: hashSecretToken(state),
          nonce,
          platformId: platform.id,
          targetLinkUri: target_link_uri,
          expiresAt: new Date(now().getTime() + LOGIN_LIFETIME_MS),
        },
      })
      const location = new URL(platform.authenticationUrl)
      const parameters = {
        scope: 'openid',
        response_type: 'id_token',
        response_mode: 'form_post',
        prompt: 'none',
        client_id: platform.clientId,
        redirect_uri: `${origin}/lti/launch`,
        login_hint,
        ...(lti_message_hint ? { lti_message_hint } : {}),
        state,
        nonce,
      }
      for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value)
      return { location: location.href, state }
    },

    async finish({ state, idToken }) {
      const login = await takeState(state)
      if (!login) throw new LaunchError('state', 'The login is unknown, has been used, or is too old.')
      const platform = await prisma.ltiPlatform.findUniqueOrThrow({ where: { id: login.platformId }, include: { teacher: true } })
      if (platform.teacher.blockedAt) throw new LaunchError('blocked', "The platform's account is blocked.", platform.id)
      const { launch, origins } = await verifyLaunch(idToken, {
        platform,
        nonce: login.nonce,
        targetLinkUri: login.targetLinkUri,
        keySet: platforms.keySetOf(platform),
        now: now(),
      })
      if (!(await platforms.checkDeployment(platform.id, launch.deployment)))
        throw new LaunchError('deployment', 'Its deployment has not been accepted.', platform.id)
      await platforms.learnOrigins(platform, origins)
      return { platform, launch }
    },

    abandon: async (state) => (await takeState(state))?.platformId ?? null,
  }
}
