/** What a platform's signed launch says, checked claim by claim. */
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { Type, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { JsonOf } from '../../contract/schema-parts.ts'
import type { LaunchRefusal } from '../../contract/launch-refusals.ts'
import { normalizeText } from '../lessons/names.ts'
import { LaunchError } from './lti-error.ts'
import { CLAIM, SCOPE, toLaunchRole, type LaunchRole } from './vocabulary.ts'

/** A launch that has been verified. It is kept while somebody goes on with it. */
export interface Launch {
  readonly deployment: string
  /** The user at the platform, unique there. */
  readonly sub: string
  /** Null where the platform does not tell it. */
  readonly name: string | null
  readonly email: string | null
  /** The number of the student's records. */
  readonly number: string | null
  readonly role: LaunchRole
  readonly context: { readonly id: string; readonly title: string }
  /** What is opened: a resource link, or the choice of what a new link is to open. */
  readonly message:
    | { readonly kind: 'resource-link'; readonly id: string; readonly title: string; readonly session: string | null }
    | {
        readonly kind: 'deep-linking'
        readonly returnUrl: string
        readonly data: string | null
        readonly multiple: boolean
        readonly lineItems: boolean
      }
  readonly services: {
    readonly memberships: string | null
    readonly lineItems: string | null
    readonly lineItem: string | null
    /** The scopes for grades. */
    readonly gradeScopes: readonly string[]
  }
}

/** What a launch is checked against. */
export interface LaunchExpectation {
  readonly platform: { readonly id: string; readonly issuer: string; readonly clientId: string }
  readonly nonce: string
  readonly targetLinkUri: string
  readonly keySet: JWTVerifyGetKey
  readonly now: Date
}

/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE_S = 60
/** A launch is used at once: however long it says that it is valid, it may not be older than this, in seconds. */
const MAX_AGE_S = 600
/** Asymmetric ones only (Security Framework 1.0, 5.1.3, step 6, wants RS256 at least): `none` and the HMACs are never accepted. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']

/** Text that PostgreSQL can store, of a length that no platform needs to exceed. */
const text = (max: number) => Type.String({ pattern: `^[^\\u0000\\p{Cs}]{1,${max}}$` })
const url = text(2000)
const maybe = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Null()]))
/** What is only shown: anything may be in it. */
const shown = maybe(Type.String({ maxLength: 2000 }))

const Claims = Type.Object({
  sub: text(255), // Security Framework 1.0, 5.1.3: 255 characters at most
  name: shown,
  given_name: shown,
  family_name: shown,
  email: shown,
  [CLAIM.deploymentId]: text(255),
  [CLAIM.targetLinkUri]: Type.Optional(url),
  [CLAIM.roles]: Type.Array(Type.String({ maxLength: 500 }), { maxItems: 100 }),
  [CLAIM.resourceLink]: maybe(Type.Object({ id: text(255), title: shown })),
  [CLAIM.context]: maybe(Type.Object({ id: text(255), title: shown, label: shown })),
  [CLAIM.lis]: maybe(Type.Object({ person_sourcedid: shown })),
  [CLAIM.launchPresentation]: maybe(Type.Object({ return_url: maybe(url) })),
  [CLAIM.memberships]: maybe(Type.Object({ context_memberships_url: url })),
  [CLAIM.grades]: maybe(
    Type.Object({
      scope: Type.Array(Type.String({ maxLength: 500 }), { maxItems: 20 }),
      lineitems: maybe(url),
      lineitem: maybe(url),
    }),
  ),
  [CLAIM.deepLinkingSettings]: maybe(
    Type.Object({
      deep_link_return_url: url,
      accept_types: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 50 }),
      accept_multiple: Type.Optional(Type.Boolean()),
      accept_lineitem: Type.Optional(Type.Boolean()),
      data: maybe(Type.String({ maxLength: 20_000 })),
    }),
  ),
})
type Claims = JsonOf<typeof Claims>
const claimsValidator = Compile(Claims)

/**
 * Verifies an ID token as the Security Framework 1.0 asks (5.1.3) and LTI 1.3 Core (5.3). Resolves to the launch and the origins of
 * the platform's pages that it names. Rejects with a `LaunchError`.
 */
export async function verifyLaunch(
  token: string,
  expected: LaunchExpectation,
): Promise<{ readonly launch: Launch; readonly origins: readonly string[] }> {
  const { platform } = expected
  const refuse = (code: LaunchRefusal, message: string) => new LaunchError(code, message, platform.id)
  const payload = await verifySignature(token, expected).catch((error: unknown) => {
    throw refuse(toRefusal(error), error instanceof Error ? error.message : String(error))
  })

  // 5.1.3, steps 4 and 5: the audience may be several; then it must say which of them is meant.
  const { aud, azp } = payload
  if ((Array.isArray(aud) && aud.length > 1 && azp === undefined) || (azp !== undefined && azp !== platform.clientId))
    throw refuse('audience', 'It is meant for another tool.')
  if (payload['nonce'] !== expected.nonce) throw refuse('nonce', 'Its nonce is not that of the login.')
  if (payload.sub === undefined) throw refuse('anonymous', 'It names no user.')
  if (payload[CLAIM.version] !== '1.3.0') throw refuse('claims', 'Its version is not 1.3.0.')
  if (!claimsValidator.Check(payload)) throw refuse('claims', 'A claim is missing or not of its form.')
  const claims: Claims = payload

  const role = toLaunchRole(claims[CLAIM.roles])
  if (!role) throw refuse('role', 'It names no role of a teacher or a learner.')
  const context = claims[CLAIM.context]
  if (!context) throw refuse('context', 'It belongs to no course.')
  const message = readMessage(payload, claims, expected, refuse)
  const grades = claims[CLAIM.grades]
  const services: Launch['services'] = {
    memberships: claims[CLAIM.memberships]?.context_memberships_url ?? null,
    lineItems: grades?.lineitems ?? null,
    lineItem: grades?.lineitem ?? null,
    gradeScopes: Object.values(SCOPE).filter((scope) => grades?.scope.includes(scope)),
  }
  const addresses = [
    claims[CLAIM.launchPresentation]?.return_url,
    message.kind === 'deep-linking' ? message.returnUrl : null,
    services.memberships,
    services.lineItems,
  ]
  return {
    launch: {
      deployment: claims[CLAIM.deploymentId],
      sub: claims.sub,
      name: toShownText(claims.name ?? [claims.given_name, claims.family_name].filter(Boolean).join(' '), 40),
      email: toShownText(claims.email, 200)?.toLowerCase() ?? null,
      number: toShownText(claims[CLAIM.lis]?.person_sourcedid, 40),
      role,
      context: { id: context.id, title: toShownText(context.title ?? context.label, 80) ?? context.id.slice(0, 80) },
      message,
      services,
    },
    origins: [...new Set(addresses.flatMap((address) => (address && URL.canParse(address) ? [new URL(address).origin] : [])))],
  }
}

async function verifySignature(token: string, { platform, keySet, now }: LaunchExpectation): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keySet, {
    issuer: platform.issuer,
    audience: platform.clientId,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_S,
    maxTokenAge: MAX_AGE_S,
    requiredClaims: ['iss', 'aud', 'exp', 'iat', 'nonce'],
    currentDate: now,
  })
  return payload
}

/** The reason in place of jose's error. */
function toRefusal(error: unknown): LaunchRefusal {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'issuer'
    if (error.claim === 'aud') return 'audience'
    if (error.claim === 'nonce') return 'nonce'
    return error.claim === 'iat' || error.claim === 'exp' || error.claim === 'nbf' ? 'expired' : 'claims'
  }
  // What is not an error of jose's is one of the request for the key set.
  const isOfToken =
    error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && !(error instanceof errors.JWKSInvalid)
  return isOfToken ? 'signature' : 'keys'
}

function readMessage(
  payload: JWTPayload,
  claims: Claims,
  { targetLinkUri }: LaunchExpectation,
  refuse: (code: LaunchRefusal, message: string) => LaunchError,
): Launch['message'] {
  const type = payload[CLAIM.messageType]
  if (type === 'LtiResourceLinkRequest') {
    const link = claims[CLAIM.resourceLink]
    if (!link) throw refuse('claims', 'It names no resource link.')
    // Core, 5.3.4: the signed address counts, and the login has to have named the same.
    if (claims[CLAIM.targetLinkUri] !== targetLinkUri) throw refuse('target', 'It is for another address than the login.')
    const custom = payload[CLAIM.custom] as { readonly session?: unknown } | null | undefined
    const session = typeof custom?.session === 'string' && /^[\w-]{8,40}$/.test(custom.session) ? custom.session : null
    return { kind: 'resource-link', id: link.id, title: toShownText(link.title, 80) ?? '', session }
  }
  if (type === 'LtiDeepLinkingRequest') {
    const settings = claims[CLAIM.deepLinkingSettings]
    if (!settings?.accept_types.includes('ltiResourceLink')) throw refuse('claims', 'It does not take links to this tool.')
    return {
      kind: 'deep-linking',
      returnUrl: settings.deep_link_return_url,
      data: settings.data ?? null,
      multiple: settings.accept_multiple ?? false,
      lineItems: settings.accept_lineitem ?? false,
    }
  }
  throw refuse('claims', 'It is not a message that this tool takes.')
}

/** One line of at most `max` code points; null if nothing visible is in it. */
export function toShownText(given: string | null | undefined, max: number): string | null {
  try {
    return [...normalizeText(given ?? '')].slice(0, max).join('').trim()
  } catch {
    return null // there is nothing in it
  }
}
