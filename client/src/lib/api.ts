/** The HTTP API from the page, typed by the contract. Whatever goes wrong comes back as a `Failure`, so that no caller has to catch. */
import type { Failure, Reply } from '../../../contract/answers.ts'
import type { RouteAnswer, RouteBody, RouteKey, RouteParams } from '../../../contract/routes.ts'

/** `data` is the answer's body. */
export type ApiResult<T> = Reply<{ readonly data: T }>

type CallInputs = {
  readonly [K in RouteKey]: ([RouteParams<K>] extends [never] ? { readonly params?: never } : { readonly params: RouteParams<K> }) &
    ([RouteBody<K>] extends [never] ? { readonly body?: never } : { readonly body: RouteBody<K> })
}
/** What a route's path names, and its body. */
export type CallInput<K extends RouteKey> = CallInputs[K]
type RouteWithoutInput = { [K in RouteKey]: object extends CallInput<K> ? K : never }[RouteKey]

/**
 * Asks the server, as in `callApi('GET /api/codes/:code', { params: { code } })`; no answer within `timeoutMs`, or no network, is
 * `unavailable`. That an answer is the route's own the page takes on trust: the server has cut it to the route's schema.
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
