/** The HTTP API from the page. Whatever goes wrong comes back as a `Failure`, so that no caller has to catch. */
import type { Failure, Reply } from '../../../contract/events.ts'

/** `data` is the answer's body. */
export type ApiResult<T> = Reply<{ readonly data: T }>

type Method = 'GET' | 'POST' | 'DELETE'

/** Asks the server; no answer within `patience` ms, or no network, is `unavailable`. */
export const callApi = async <T>(method: Method, path: string, body?: unknown, timeoutMs = 15_000): Promise<ApiResult<T>> => {
  try {
    const response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const answer: unknown = await response.json()
    return response.ok ? { ok: true, data: answer as T } : isFailure(answer) ? answer : UNAVAILABLE
  } catch {
    return UNAVAILABLE
  }
}

const UNAVAILABLE: Failure = { ok: false, error: 'unavailable' }

const isFailure = (answer: unknown): answer is Failure =>
  typeof answer === 'object' && answer !== null && 'error' in answer && typeof answer.error === 'string'
