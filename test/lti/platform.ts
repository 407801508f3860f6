/**
 * A stand-in for a learning platform, with keys of its own, on real HTTP. It does all that a platform does: begins logins, signs
 * launches, gives out access tokens, lists its members by pages, keeps columns of grades and takes scores, registers tools; and it
 * verifies all that a tool has to prove. Tests bend what it says, to see it refused.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT, type JWTPayload } from 'jose'

const LTI = 'https://purl.imsglobal.org/spec/lti/claim'
const MEMBERSHIP = 'http://purl.imsglobal.org/vocab/lis/v2/membership'
export const SCOPES = {
  memberships: 'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly',
  lineItem: 'https://purl.imsglobal.org/spec/lti-ags/scope/lineitem',
  score: 'https://purl.imsglobal.org/spec/lti-ags/scope/score',
}

/** A user of the platform. */
export interface User {
  readonly sub: string
  readonly name: string
  readonly email: string
  readonly number?: string
  readonly roles: readonly string[]
  readonly status?: 'Active' | 'Inactive' | 'Deleted'
}

const user = (sub: string, name: string, role: string, more: Partial<User> = {}): User => ({
  sub,
  name,
  email: `${sub}@uni.example`,
  roles: [`${MEMBERSHIP}#${role}`],
  ...more,
})
export const TEACHER = user('t-1', 'Tess Teacher', 'Instructor')
export const ANN = user('s-1', 'Ann Lee', 'Learner', { number: '2023001' })
export const BOB = user('s-2', 'Bob Ray', 'Learner', { number: '2023002' })

/** A score as the platform has taken it. */
export interface TakenScore {
  readonly userId: string
  readonly scoreGiven: number
  readonly scoreMaximum: number
  readonly activityProgress: string
  readonly gradingProgress: string
  readonly comment: string
  readonly timestamp: string
}

/** What of a launch a test changes. */
export interface Bend {
  /** Claims in place of the right ones; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Signs the claims in place of the platform. */
  readonly sign?: (claims: JWTPayload) => Promise<string> | string
}

/** What a launch opens. */
export interface Target {
  readonly link?: string
  /** The choice of content in place of a link. `multiple`: it takes several. */
  readonly deepLinking?: { readonly multiple: boolean }
  readonly custom?: Readonly<Record<string, string>>
  /** The column that belongs to the link, by its id. */
  readonly lineItem?: string
  /** The platform offers no service for grades. */
  readonly withoutGrades?: boolean
}

/** The fields that a browser posts to the tool. */
export interface LaunchForm {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

interface Pending {
  readonly user: User
  readonly target: Target
  readonly bend: Bend
}

/** Throws if something that the tool has to do is not done; the tests expect that none is collected. */
class Fault extends Error {}
const expect = (condition: boolean, what: string) => {
  if (!condition) throw new Fault(what)
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** `host`: the name under which browsers see it. */
export async function startPlatform({ now = () => new Date(), host = '127.0.0.1' } = {}) {
  const makeKey = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } }
  }
  let keys = [await makeKey('k1')]
  const state = {
    origin: '',
    tool: '',
    clientId: 'tool-1',
    deployment: 'dep-1',
    context: { id: 'course-1', title: 'Networks 101' },
    users: [TEACHER, ANN, BOB] as User[],
    /** Members on a page of the roster. */
    pageSize: 2,
    /** How many requests of a kind are refused before one is answered. */
    failures: { scores: 0, token: 0 },
    /** What was not as it should be. */
    faults: [] as string[],
    /** How often the key set was fetched. */
    keySetReads: 0,
    scores: [] as TakenScore[],
    lineItems: new Map<string, Record<string, unknown>>(),
    pages: [] as string[],
    content: null as JWTPayload | null,
    registrationToken: 'registration-token',
    registered: null as Record<string, unknown> | null,
  }
  const pending = new Map<string, Pending>()
  let columns = 0
  const accessTokens = new Map<string, readonly string[]>()
  const seenJtis = new Set<string>()
  const seconds = () => Math.floor(now().getTime() / 1000)

  /** The tool's claims, verified with its published keys. */
  const verifyTool = async (token: string, audience: string) => {
    const keySet = createRemoteJWKSet(new URL(`${state.tool}/.well-known/jwks.json`))
    const { payload, protectedHeader } = await jwtVerify(token, keySet, {
      issuer: state.clientId,
      audience,
      algorithms: ['RS256'],
      currentDate: now(),
      requiredClaims: ['exp', 'iat', 'jti'],
    })
    expect(protectedHeader.kid !== undefined, 'a JWT of the tool names its key')
    expect(!seenJtis.has(payload.jti ?? ''), 'a jti is used once')
    seenJtis.add(payload.jti ?? '')
    return payload
  }

  const launchClaims = ({ user, target, bend }: Pending, nonce: string, targetLinkUri: string): JWTPayload => ({
    iss: state.origin,
    aud: state.clientId,
    azp: state.clientId,
    sub: user.sub,
    iat: seconds(),
    exp: seconds() + 300,
    nonce,
    name: user.name,
    email: user.email,
    [`${LTI}/message_type`]: target.deepLinking ? 'LtiDeepLinkingRequest' : 'LtiResourceLinkRequest',
    [`${LTI}/version`]: '1.3.0',
    [`${LTI}/deployment_id`]: state.deployment,
    [`${LTI}/target_link_uri`]: targetLinkUri,
    [`${LTI}/roles`]: user.roles,
    [`${LTI}/context`]: { ...state.context, label: 'N101' },
    ...(user.number === undefined ? {} : { [`${LTI}/lis`]: { person_sourcedid: user.number } }),
    ...(target.deepLinking
      ? {
          'https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings': {
            deep_link_return_url: `${state.origin}/content`,
            accept_types: ['ltiResourceLink'],
            accept_presentation_document_targets: ['iframe', 'window'],
            accept_multiple: target.deepLinking.multiple,
            accept_lineitem: true,
            data: 'as it was',
          },
        }
      : {
          [`${LTI}/resource_link`]: { id: target.link ?? 'link-1', title: 'Handshakes' },
          [`${LTI}/custom`]: target.custom ?? {},
        }),
    'https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice': {
      context_memberships_url: `${state.origin}/members`,
      service_versions: ['2.0'],
    },
    ...(target.withoutGrades
      ? {}
      : {
          'https://purl.imsglobal.org/spec/lti-ags/claim/endpoint': {
            scope: [SCOPES.lineItem, SCOPES.score],
            lineitems: `${state.origin}/lineitems?type=1`,
            ...(target.lineItem === undefined ? {} : { lineitem: `${state.origin}/lineitems/${target.lineItem}?type=1` }),
          },
        }),
    ...bend.claims,
  })

  const sign = (claims: JWTPayload) => {
    const key = keys.at(-1)!
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(key.privateKey)
  }

  /** Security Framework 1.0, 5.1.1.2: what an authentication request has to say. */
  const authenticate = async (query: URLSearchParams): Promise<LaunchForm> => {
    const hint = query.get('login_hint') ?? ''
    const launch = pending.get(hint)
    if (!launch) throw new Fault('login_hint comes back as it was')
    for (const [name, value] of Object.entries({
      scope: 'openid',
      response_type: 'id_token',
      response_mode: 'form_post',
      prompt: 'none',
      client_id: state.clientId,
      redirect_uri: `${state.tool}/lti/launch`,
      lti_message_hint: `hint of ${hint}`,
    }))
      expect(query.get(name) === value, `the authentication request's ${name} is ${value}, not ${query.get(name)}`)
    const [nonce, toolState] = [query.get('nonce') ?? '', query.get('state') ?? '']
    expect(nonce.length > 20 && toolState.length > 20, 'nonce and state cannot be guessed')
    const claims = launchClaims(launch, nonce, `${state.tool}/lti/launch`)
    return { action: `${state.tool}/lti/launch`, fields: { id_token: await (launch.bend.sign ?? sign)(claims), state: toolState } }
  }

  const bearer = (request: IncomingMessage, scope: string) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    expect(accessTokens.get(token)?.includes(scope) ?? false, `${request.method} ${request.url} has a token with its scope`)
  }
  const json = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

  const routes: Record<string, (request: IncomingMessage, response: ServerResponse, url: URL) => unknown> = {
    'GET /.well-known/openid-configuration': (_request, response) =>
      json(response, {
        issuer: state.origin,
        authorization_endpoint: `${state.origin}/auth`,
        token_endpoint: `${state.origin}/token`,
        jwks_uri: `${state.origin}/jwks`,
        registration_endpoint: `${state.origin}/registration`,
        'https://purl.imsglobal.org/spec/lti-platform-configuration': { product_family_code: 'standin', version: '1' },
      }),

    'POST /registration': async (request, response) => {
      expect(request.headers.authorization === `Bearer ${state.registrationToken}`, 'the registration has its token')
      const tool = JSON.parse(await readBody(request)) as Record<string, unknown>
      state.registered = tool
      state.clientId = 'dynamic-1'
      json(response, {
        ...tool,
        client_id: state.clientId,
        'https://purl.imsglobal.org/spec/lti-tool-configuration': { deployment_id: state.deployment },
      })
    },

    'GET /jwks': (_request, response) => {
      state.keySetReads++
      json(response, { keys: keys.map(({ jwk }) => jwk) })
    },

    // In a browser: begins the login, as a click on the link would.
    'GET /open': (_request, response, url) => {
      const hint = url.searchParams.get('hint') ?? ''
      response.writeHead(302, { location: loginUrl(hint) }).end()
    },
    // A page of the platform, with the tool in a frame.
    'GET /course': (_request, response, url) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(
          `<!doctype html><html lang="en"><title>Course</title><h1>Course</h1><iframe title="tool" style="width:100%;height:640px;border:0" src="/open${url.search}"></iframe></html>`,
        ),

    'GET /favicon.ico': (_request, response) => response.writeHead(204).end(),

    'GET /auth': async (_request, response, url) => {
      const { action, fields } = await authenticate(url.searchParams)
      const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(
          `<!doctype html><html lang="en"><title>…</title><form method="post" action="${action}">${inputs.join('')}</form><script>document.forms[0].submit()</script></html>`,
        )
    },

    'POST /token': async (request, response) => {
      if (state.failures.token > 0) {
        state.failures.token--
        return json(response, {}, {}, 503)
      }
      const form = new URLSearchParams(await readBody(request))
      expect(form.get('grant_type') === 'client_credentials', 'the grant is by credentials')
      expect(
        form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        'the assertion is a JWT',
      )
      const claims = await verifyTool(form.get('client_assertion') ?? '', `${state.origin}/token`)
      expect(claims.sub === state.clientId, 'the assertion is about the tool')
      const token = `access-${accessTokens.size}`
      accessTokens.set(token, (form.get('scope') ?? '').split(' '))
      json(response, { access_token: token, token_type: 'Bearer', expires_in: 3600, scope: form.get('scope') })
    },

    'GET /members': (request, response, url) => {
      bearer(request, SCOPES.memberships)
      expect(
        request.headers.accept === 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json',
        'the roster is asked for by its media type',
      )
      state.pages.push(url.search)
      const from = Number(url.searchParams.get('from') ?? 0)
      const next = from + state.pageSize
      const members = state.users.slice(from, next).map(({ sub, name, email, number, roles, status = 'Active' }) => ({
        user_id: sub,
        name,
        email,
        lis_person_sourcedid: number,
        roles,
        status,
      }))
      const link =
        next < state.users.length
          ? `<${state.origin}/members?from=0>; rel="differences", <${state.origin}/members?from=${next}>; rel="next"`
          : `<${state.origin}/members>; rel="first"`
      json(response, { id: `${state.origin}/members`, context: state.context, members }, { link })
    },

    'GET /lineitems': (request, response, url) => {
      bearer(request, SCOPES.lineItem)
      const wanted = url.searchParams.get('resource_id')
      json(
        response,
        [...state.lineItems.values()].filter(({ resourceId }) => resourceId === wanted),
      )
    },
    'POST /lineitems': async (request, response) => {
      bearer(request, SCOPES.lineItem)
      expect(request.headers['content-type'] === 'application/vnd.ims.lis.v2.lineitem+json', 'a column has its media type')
      const item = JSON.parse(await readBody(request)) as Record<string, unknown>
      expect(Number(item['scoreMaximum']) > 0 && typeof item['label'] === 'string', 'a column has a maximum and a label')
      const name = `item-${++columns}`
      const id = `${state.origin}/lineitems/${name}?type=1`
      state.lineItems.set(name, { ...item, id })
      json(response, { ...item, id }, {}, 201)
    },
    'POST /scores': async (request, response, url) => {
      bearer(request, SCOPES.score)
      if (state.failures.scores > 0) {
        state.failures.scores--
        return json(response, {}, {}, 500)
      }
      if (!state.lineItems.has(url.searchParams.get('item') ?? '')) return response.writeHead(404).end()
      expect(url.searchParams.get('type') === '1', "the column's query is kept")
      expect(request.headers['content-type'] === 'application/vnd.ims.lis.v1.score+json', 'a score has its media type')
      const score = JSON.parse(await readBody(request)) as TakenScore
      expect(
        state.users.some(({ sub }) => sub === score.userId),
        'the score is of a user',
      )
      const last = state.scores.findLast(({ userId }) => userId === score.userId)
      // Assignment and Grade Services 2.0, 3.4: a score that is not newer must not be taken.
      expect(!last || Date.parse(score.timestamp) > Date.parse(last.timestamp), 'a score is newer than the one before')
      state.scores.push(score)
      response.writeHead(204).end()
    },

    'POST /content': async (request, response) => {
      const form = new URLSearchParams(await readBody(request))
      state.content = await verifyTool(form.get('JWT') ?? '', state.origin)
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Added</title><p>Added to the course.</p>')
    },
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', state.origin)
    const score = /^\/lineitems\/([\w-]+)\/scores$/.exec(url.pathname)
    if (score) {
      url.pathname = '/scores'
      url.searchParams.set('item', score[1] ?? '')
    }
    const route = routes[`${request.method} ${url.pathname}`]
    if (!route) return response.writeHead(404).end()
    void (async () => {
      try {
        await route(request, response, url)
      } catch (error) {
        state.faults.push(String(error))
        response.writeHead(400, { 'content-type': 'text/plain' }).end(String(error))
      }
    })()
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  state.origin = `http://${host}:${(server.address() as AddressInfo).port}`

  let launches = 0
  /** Prepares a launch. Returns the hint by which it is opened. */
  const prepare = (user: User, target: Target = {}, bend: Bend = {}): string => {
    const hint = `launch-${++launches}`
    pending.set(hint, { user, target, bend })
    return hint
  }
  const loginUrl = (hint: string): string => {
    const query = new URLSearchParams({
      iss: state.origin,
      login_hint: hint,
      target_link_uri: `${state.tool}/lti/launch`,
      lti_message_hint: `hint of ${hint}`,
      lti_deployment_id: state.deployment,
      client_id: state.clientId,
    })
    return `${state.tool}/lti/login?${query.toString()}`
  }

  return {
    state,
    prepare,
    loginUrl,
    sign,
    key: () => keys.at(-1)!,
    /** From now on signs with a new key; the old one is published no more. */
    async rotateKeys() {
      keys = [await makeKey(`k${launches + 2}`)]
    },
    /** What to register it with, by hand. */
    registration: () => ({
      name: 'Stand-in',
      issuer: state.origin,
      clientId: state.clientId,
      authenticationUrl: `${state.origin}/auth`,
      tokenUrl: `${state.origin}/token`,
      keySetUrl: `${state.origin}/jwks`,
      deployments: [state.deployment],
    }),
    authenticate: (location: string) => authenticate(new URL(location).searchParams),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export type Platform = Awaited<ReturnType<typeof startPlatform>>
