/** Client of the HTTP API, typed by the contract. Every error is returned as a `Failure`, so that callers need no `catch`. */
import type { Failure, Reply } from '../../../contract/answers.ts'
import type { RouteAnswer, RouteBody, RouteKey, RouteParams } from '../../../contract/routes/all-routes.ts'

/** `data` is the body of the answer. */
export type ApiResult<T> = Reply<{ readonly data: T }>

type CallInputs = {
  readonly [K in RouteKey]: ([RouteParams<K>] extends [never] ? { readonly params?: never } : { readonly params: RouteParams<K> }) &
    ([RouteBody<K>] extends [never] ? { readonly body?: never } : { readonly body: RouteBody<K> })
}
/** The parameters of a route's path, and the body of the request. */
export type CallInput<K extends RouteKey> = CallInputs[K]
type RouteWithoutInput = { [K in RouteKey]: object extends CallInput<K> ? K : never }[RouteKey]

/**
 * Calls the server, as in `callApi('GET /api/codes/:code', { params: { code } })`. If there is no network, or no answer within
 * `timeoutMs` (real ms), the error is `unavailable`. The type of the answer is not checked here: the server trims answers to the
 * route's schema.
 */
export function callApi<K extends RouteWithoutInput>(route: K): Promise<ApiResult<RouteAnswer<K>>>
export function callApi<K extends RouteKey>(route: K, input: CallInput<K>, timeoutMs?: number): Promise<ApiResult<RouteAnswer<K>>>
export async function callApi(
  route: RouteKey,
  { params = {}, body }: { readonly params?: Readonly<Record<string, string>>; readonly body?: unknown } = {},
  timeoutMs = 15_000,
): Promise<ApiResult<unknown>> {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), timeoutMs)
  try {
    const response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: abort.signal,
    })
    const answer: unknown = await response.json()
    return response.ok ? { ok: true, data: answer } : isFailure(answer) ? answer : UNAVAILABLE
  } catch {
    return UNAVAILABLE
  } finally {
    clearTimeout(timer)
  }
}

const UNAVAILABLE: Failure = { ok: false, error: 'unavailable' }

const isFailure = (answer: unknown): answer is Failure =>
  typeof answer === 'object' && answer !== null && 'error' in answer && typeof answer.error === 'string'
