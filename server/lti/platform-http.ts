/**
 * Requests to platforms. Their addresses come from registrations and signed launches, which teachers and their platforms write, so
 * they are bounded: https only, no redirects, nothing on this machine or its link, a timeout, and a maximum size.
 */
import { lookup } from 'node:dns'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { PlatformError } from './lti-error.ts'

/** Sends a request and resolves to the whole answer, whatever its status. Rejects with a `PlatformError`. */
export type PlatformHttp = (
  url: string,
  options?: {
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    readonly signal?: AbortSignal | undefined
  },
) => Promise<Response>

/** Real ms from the request to the end of the answer. */
const TIMEOUT_MS = 10_000
/** A page of a roster of thousands stays below this. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Addresses that belong to this machine or its link: its own services, and those of a cloud's host. Private networks are allowed, as a campus may use them. */
const OWN_ADDRESSES = new BlockList()
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
] as const)
  OWN_ADDRESSES.addSubnet(address, bits, 'ipv4')
for (const [address, bits] of [
  ['::', 127], // :: and ::1
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  OWN_ADDRESSES.addSubnet(address, bits, 'ipv6')

const isOwnAddress = (address: string): boolean => OWN_ADDRESSES.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Throws a `PlatformError` unless this is the address of a platform that may be asked. `loopback`: whether plain HTTP to this
 * machine is allowed, for trying things out.
 */
export function checkPlatformUrl(url: string, { loopback }: { readonly loopback: boolean }): URL {
  if (!URL.canParse(url)) throw new PlatformError(`${url} is not an address.`)
  const parsed = new URL(url)
  const { protocol, hostname, username, password } = parsed
  if (username !== '' || password !== '') throw new PlatformError('An address with a password in it cannot be used.')
  if (loopback && protocol === 'http:' && LOOPBACK_HOST.test(hostname)) return parsed
  if (protocol !== 'https:') throw new PlatformError(`${parsed.origin} is not an https address.`)
  const address = hostname.replace(/^\[|\]$/g, '')
  if (LOOPBACK_HOST.test(hostname) || (isIP(address) !== 0 && isOwnAddress(address)))
    throw new PlatformError(`${parsed.origin} is this machine, not a platform.`)
  return parsed
}

/** Resolves a name and fails if it leads back to this machine; the connection is made to the address that was checked. */
const lookupElsewhere: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    // Without an answer there is an error, whatever the types say.
    const own = error ? undefined : addresses.find(({ address }) => isOwnAddress(address))
    if (error ?? own) return done(error ?? new Error(`${hostname} is an address of this machine.`), [])
    if (options.all) return done(null, addresses)
    const [first] = addresses
    done(null, first?.address ?? '', first?.family)
  })
}

/** Creates the client. */
export const createPlatformHttp =
  ({ loopback }: { readonly loopback: boolean }): PlatformHttp =>
  async (url, { method = 'GET', headers = {}, body, signal } = {}) => {
    const target = checkPlatformUrl(url, { loopback })
    const plain = target.protocol === 'http:'
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const outgoing = (plain ? requestHttp : requestHttps)(target, {
          method,
          headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          ...(plain ? {} : { lookup: lookupElsewhere }),
        })
        outgoing.on('response', resolve).on('error', reject).end(body)
      })
      const status = answer.statusCode ?? 0
      if (status >= 300 && status < 400) {
        answer.destroy()
        throw new PlatformError(`${target.origin} answered with a redirect (${status}), which is not followed.`, { status })
      }
      const content = await readBounded(answer, target.origin)
      return new Response(content.length > 0 && status !== 204 ? content : null, { status, headers: toHeaders(answer) })
    } catch (error) {
      if (error instanceof PlatformError) throw error
      const cause = timeout.aborted
        ? 'it did not answer in time'
        : ((error as NodeJS.ErrnoException).code ?? 'the connection failed')
      throw new PlatformError(`${target.origin} cannot be reached: ${cause}.`)
    }
  }

async function readBounded(answer: IncomingMessage, origin: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new PlatformError(`The answer of ${origin} is too long.`) // leaving the loop closes the connection
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const toHeaders = ({ rawHeaders }: IncomingMessage): Headers => {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  return headers
}

/** The answer's JSON. Rejects with a `PlatformError` if it is a refusal or not JSON; `what` names what was asked for. */
export async function readJson(answer: Response, what: string): Promise<unknown> {
  requireSuccess(answer, what)
  try {
    return await answer.json()
  } catch {
    throw new PlatformError(`The platform's ${what} is not JSON.`, { status: answer.status })
  }
}

/** Throws a `PlatformError` if the answer is a refusal. */
export function requireSuccess({ ok, status, headers }: Response, what: string): void {
  if (ok) return
  const retryAfter = Number(headers.get('retry-after'))
  throw new PlatformError(`The platform refused the ${what} with status ${status}.`, {
    status,
    retryAfter: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
  })
}
