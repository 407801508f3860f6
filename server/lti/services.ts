/** Access to a platform's services: tokens by signed assertion, and requests with them (Security Framework 1.0, 4.1). */
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { LtiPlatform } from '../generated/prisma/client.ts'
import { PlatformError } from './lti-error.ts'
import { readJson, type PlatformHttp } from './platform-http.ts'
import type { ToolKeys } from './tool-keys.ts'

/** A request to a service. */
export interface ServiceRequest {
  readonly method?: 'GET' | 'POST'
  readonly url: string
  readonly scopes: readonly string[]
  readonly accept?: string
  readonly contentType?: string
  readonly body?: unknown
}

/** Sends a request to a platform's service with an access token. Resolves to any answer; rejects with a `PlatformError` if there is none. */
export type CallService = (platform: LtiPlatform, request: ServiceRequest) => Promise<Response>

/** Real ms by which a token is renewed before it expires. */
const RENEWAL_MS = 60_000
/** Seconds, where the platform does not say how long a token is valid. */
const DEFAULT_LIFETIME_S = 300

const tokenValidator = Compile(
  Type.Object({ access_token: Type.String({ minLength: 1, maxLength: 10_000 }), expires_in: Type.Optional(Type.Number()) }),
)

export interface ServicesDeps {
  readonly http: PlatformHttp
  readonly keys: Pick<ToolKeys, 'sign'>
  readonly now: () => Date
}

export function createServiceCaller({ http, keys, now }: ServicesDeps): CallService {
  const tokens = new Map<string, { readonly token: string; readonly renewAt: number }>()

  const requestToken = async ({ clientId, tokenUrl, tokenAudience }: LtiPlatform, scope: string) => {
    const assertion = await keys.sign({ iss: clientId, sub: clientId, aud: tokenAudience ?? tokenUrl })
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      scope,
    })
    const answer = await http(tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
    })
    const body = await readJson(answer, 'access token')
    if (!tokenValidator.Check(body)) throw new PlatformError("The platform's access token is not of its form.")
    const lifetimeMs = (body.expires_in ?? DEFAULT_LIFETIME_S) * 1000
    return { token: body.access_token, renewAt: now().getTime() + lifetimeMs - RENEWAL_MS }
  }

  return async (platform, { method = 'GET', url, scopes, accept, contentType, body }) => {
    const scope = [...scopes].sort().join(' ')
    const key = `${platform.id} ${platform.tokenUrl} ${platform.clientId} ${scope}`
    const send = async () => {
      let held = tokens.get(key)
      if (!held || held.renewAt <= now().getTime()) {
        held = await requestToken(platform, scope)
        tokens.set(key, held)
      }
      return http(url, {
        method,
        headers: {
          authorization: `Bearer ${held.token}`,
          ...(accept === undefined ? {} : { accept }),
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    }
    const answer = await send()
    if (answer.status !== 401) return answer
    tokens.delete(key) // it may have been revoked: once more with a new one
    return send()
  }
}
