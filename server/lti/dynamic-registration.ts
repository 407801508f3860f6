/** A platform registers itself by a link that a teacher has given it (LTI Dynamic Registration 1.0). */
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { ApiError } from '../base/api-error.ts'
import { hashSecretToken, newSecretToken } from '../base/secret-token.ts'
import type { LtiPlatform, PrismaClient } from '../generated/prisma/client.ts'
import { toShownText } from './launch.ts'
import { PlatformError } from './lti-error.ts'
import { checkPlatformUrl, readJson, type PlatformHttp } from './platform-http.ts'
import type { Platforms } from './platforms.ts'
import { CLAIM, SCOPE } from './vocabulary.ts'

/** Dynamic registration. */
export interface DynamicRegistration {
  /** A token for a new link of this teacher's; the ones before are good no more. */
  invite(teacherId: string): Promise<{ readonly token: string; readonly expiresAt: Date }>
  /** The newest link that has not been used; null if there is none. */
  findInvitation(teacherId: string): Promise<{ readonly expiresAt: Date; readonly lastError: string | null } | null>
  /**
   * Registers the platform that opens the link, and uses the link up. Rejects with an `ApiError` `already-used` for a link that is
   * not good, and with a `PlatformError` if the platform does not do its part; then the link can be opened again.
   */
  register(request: RegistrationRequest, origin: string): Promise<LtiPlatform>
}

/** What a platform opens the link with (3.3), unchecked. */
export interface RegistrationRequest {
  readonly token: string
  readonly openid_configuration?: string | undefined
  readonly registration_token?: string | undefined
}

/** Real ms: an administrator of the platform may be somebody else, who takes a while. */
const INVITATION_LIFETIME_MS = 7 * 24 * 3_600_000

const url = Type.String({ minLength: 8, maxLength: 2000 })
const PLATFORM_CONFIGURATION = 'https://purl.imsglobal.org/spec/lti-platform-configuration'
const TOOL_CONFIGURATION = 'https://purl.imsglobal.org/spec/lti-tool-configuration'

/** 3.4: the platform's OpenID configuration, as far as it is used. */
const configurationValidator = Compile(
  Type.Object({
    issuer: Type.String({ pattern: '^[^\\u0000\\p{Cs}]{1,255}$' }),
    authorization_endpoint: url,
    token_endpoint: url,
    jwks_uri: url,
    registration_endpoint: url,
    authorization_server: Type.Optional(url),
    [PLATFORM_CONFIGURATION]: Type.Optional(Type.Object({ product_family_code: Type.Optional(Type.String({ maxLength: 200 })) })),
  }),
)
/** 3.6: the answer to the registration. */
const answerValidator = Compile(
  Type.Object({
    client_id: Type.String({ pattern: '^[^\\u0000\\p{Cs}]{1,255}$' }),
    [TOOL_CONFIGURATION]: Type.Optional(
      Type.Object({ deployment_id: Type.Optional(Type.String({ pattern: '^[^\\u0000\\p{Cs}]{1,255}$' })) }),
    ),
  }),
)

export interface DynamicRegistrationDeps {
  readonly prisma: PrismaClient
  readonly http: PlatformHttp
  readonly loopback: boolean
  readonly platforms: Pick<Platforms, 'register'>
  readonly now: () => Date
}

export function createDynamicRegistration({
  prisma,
  http,
  loopback,
  platforms,
  now,
}: DynamicRegistrationDeps): DynamicRegistration {
  const readConfiguration = async (address: string) => {
    const target = checkPlatformUrl(address, { loopback })
    const configuration = await readJson(
      await http(target.href, { headers: { accept: 'application/json' } }),
      'OpenID configuration',
    )
    if (!configurationValidator.Check(configuration))
      throw new PlatformError("The platform's OpenID configuration is not of its form.")
    // 3.5.1: the configuration must be the issuer's own.
    if (!URL.canParse(configuration.issuer) || new URL(configuration.issuer).host !== target.host)
      throw new PlatformError('The OpenID configuration names an issuer with another host than its own.')
    return configuration
  }

  const registerAt = async (
    { openid_configuration, registration_token }: RegistrationRequest,
    teacherId: string,
    origin: string,
  ) => {
    if (openid_configuration === undefined) throw new PlatformError('The platform did not name its OpenID configuration.')
    const configuration = await readConfiguration(openid_configuration)
    const answer = await http(configuration.registration_endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(registration_token === undefined ? {} : { authorization: `Bearer ${registration_token}` }),
      },
      body: JSON.stringify(toToolConfiguration(origin)),
    })
    const registered = await readJson(answer, 'registration')
    if (!answerValidator.Check(registered)) throw new PlatformError("The platform's answer to the registration is not of its form.")
    const deployment = registered[TOOL_CONFIGURATION]?.deployment_id
    const { host } = new URL(configuration.issuer)
    const product = toShownText(configuration[PLATFORM_CONFIGURATION]?.product_family_code, 40)
    return platforms.register(teacherId, {
      name: [...`${product === null ? '' : `${product} · `}${host}`].slice(0, 80).join(''),
      issuer: configuration.issuer,
      clientId: registered.client_id,
      authenticationUrl: configuration.authorization_endpoint,
      tokenUrl: configuration.token_endpoint,
      keySetUrl: configuration.jwks_uri,
      tokenAudience: configuration.authorization_server ?? null,
      deployments: deployment === undefined ? [] : [deployment],
    })
  }

  return {
    async invite(teacherId) {
      const token = newSecretToken()
      const expiresAt = new Date(now().getTime() + INVITATION_LIFETIME_MS)
      await prisma.$transaction([
        prisma.ltiInvitation.deleteMany({ where: { teacherId, usedAt: null } }),
        prisma.ltiInvitation.create({ data: { hash: hashSecretToken(token), teacherId, expiresAt } }),
      ])
      return { token, expiresAt }
    },

    findInvitation: (teacherId) =>
      prisma.ltiInvitation.findFirst({
        where: { teacherId, usedAt: null, expiresAt: { gt: now() } },
        select: { expiresAt: true, lastError: true },
        orderBy: { expiresAt: 'desc' },
      }),

    async register(request, origin) {
      const hash = hashSecretToken(request.token)
      // Taken before the platform is asked, so that the link works once even if it is opened twice at a time.
      const [invitation] = await prisma.ltiInvitation.updateManyAndReturn({
        where: { hash, usedAt: null, expiresAt: { gt: now() }, teacher: { blockedAt: null } },
        data: { usedAt: now() },
      })
      if (!invitation) throw new ApiError('already-used', 'This link has been used or is too old.')
      try {
        return await registerAt(request, invitation.teacherId, origin)
      } catch (error) {
        const lastError = error instanceof PlatformError || error instanceof ApiError ? error.message : 'The server failed.'
        await prisma.ltiInvitation.update({ where: { hash }, data: { usedAt: null, lastError } })
        throw error
      }
    },
  }
}

/** 3.5.2: what this tool registers as. */
function toToolConfiguration(origin: string) {
  const launchUrl = `${origin}/lti/launch`
  return {
    application_type: 'web',
    response_types: ['id_token'],
    grant_types: ['implicit', 'client_credentials'],
    initiate_login_uri: `${origin}/lti/login`,
    redirect_uris: [launchUrl],
    client_name: 'Handshake Classroom',
    jwks_uri: `${origin}/.well-known/jwks.json`,
    logo_uri: `${origin}/card.png`,
    token_endpoint_auth_method: 'private_key_jwt',
    scope: Object.values(SCOPE).join(' '),
    [TOOL_CONFIGURATION]: {
      domain: new URL(origin).host,
      target_link_uri: launchUrl,
      claims: ['iss', 'sub', 'name', 'given_name', 'family_name', 'email', CLAIM.lis],
      messages: [
        { type: 'LtiResourceLinkRequest', target_link_uri: launchUrl },
        { type: 'LtiDeepLinkingRequest', target_link_uri: launchUrl, label: 'Handshake Classroom' },
      ],
    },
  }
}
