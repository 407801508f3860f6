/** Parses the message at the start of a stream of octets, in the order of RFC 9112's rules. Clauses cited without an RFC are RFC 9112's. */
import { concat } from '../octets.ts'
import type { HttpMisconception } from '../findings.ts'
import {
  type HeaderField,
  dropInterim,
  listFieldMembers,
  type HttpMessage,
  type HttpRequest,
  type HttpResponse,
  fieldValues,
  type HttpVersion,
  HTTP_VERSIONS,
} from './message.ts'

/** The message that the reader expects. `to`: the request that the response answers, if any. `ended`: the sender has closed its half. */
export type ExpectedMessage =
  { readonly kind: 'request' } | { readonly kind: 'response'; readonly to?: HttpRequest; readonly ended: boolean }

/** A rule that the octets break. `given`: the text that breaks it; null if something is missing. */
export interface HttpFault {
  readonly rule: HttpMisconception
  readonly given: string | null
}

/** The result of `readMessage`. */
export type ReadResult =
  /** `end`: where the next message begins. `delimited`: how the end of the body was determined (RFC 9112 6.3). */
  | { readonly kind: 'message'; readonly message: HttpMessage; readonly end: number; readonly delimited: Framing['kind'] }
  | { readonly kind: 'incomplete'; readonly part: 'head' }
  /** `length`: the length of the body in octets if the head announces it, else null. */
  | { readonly kind: 'incomplete'; readonly part: 'body'; readonly length: number | null }
  | { readonly kind: 'broken'; readonly fault: HttpFault }

/** Parses the message at the start of `octets`. Reports the first rule that it breaks; does not throw on malformed octets. */
export function readMessage(octets: Uint8Array, expected: ExpectedMessage): ReadResult {
  const end = findEndOfHead(octets)
  if (end < 0) return { kind: 'incomplete', part: 'head' }
  const [start = '', ...lines] = decodeLatin1(octets.subarray(0, end)).split('\r\n')
  try {
    const line = expected.kind === 'request' ? parseRequestLine(start) : parseStatusLine(start)
    const fields = lines.map(parseFieldLine)
    if (line.kind === 'request' && line.version === 'HTTP/1.1') checkHost(fields)
    const framing = determineFraming(line, fields, expected)
    const rest = octets.subarray(end + 4)
    const found = takeBody(rest, framing)
    if (!found) return { kind: 'incomplete', part: 'body', length: framing.kind === 'length' ? framing.octets : null }
    return { kind: 'message', message: { ...line, fields, body: found.body }, end: end + 4 + found.end, delimited: framing.kind }
  } catch (error) {
    if (error instanceof RuleBroken) return { kind: 'broken', fault: error.fault }
    throw error
  }
}

/** A complete message, and the octets that it was parsed from. */
export interface CompleteMessage<M extends HttpMessage> {
  readonly message: M
  readonly octets: Uint8Array
}

/** Parses the requests in a stream, up to the first that is broken or incomplete. */
export const readRequests = (stream: Uint8Array): readonly CompleteMessage<HttpRequest>[] =>
  readAll<HttpRequest>(stream, () => ({ kind: 'request' }))

/** Parses the responses to these requests, up to the first that is broken or incomplete. `ended`: the stream has ended. */
export const readResponses = (
  stream: Uint8Array,
  requests: readonly HttpRequest[],
  ended: boolean,
): readonly CompleteMessage<HttpResponse>[] =>
  readAll<HttpResponse>(stream, (before) => {
    const to = requests[dropInterim(before).length]
    return { kind: 'response', ended, ...(to ? { to } : {}) }
  })

function readAll<M extends HttpMessage>(
  stream: Uint8Array,
  expected: (before: readonly M[]) => ExpectedMessage,
): readonly CompleteMessage<M>[] {
  const complete: CompleteMessage<M>[] = []
  let rest = stream
  while (rest.length > 0) {
    const reading = readMessage(rest, expected(complete.map(({ message }) => message)))
    if (reading.kind !== 'message') break
    // The cast is safe: `readMessage` returns the kind that was expected.
    complete.push({ message: reading.message as M, octets: rest.slice(0, reading.end) })
    rest = rest.subarray(reading.end)
  }
  return complete
}

class RuleBroken extends Error {
  readonly fault: HttpFault
  constructor(rule: HttpMisconception, given: string | null) {
    super(rule)
    this.fault = { rule, given }
  }
}

const CR = 13
const LF = 10

/** The offset of the CRLF CRLF that ends the header section (2.1); -1 if there is none. */
function findEndOfHead(octets: Uint8Array): number {
  for (let i = 0; i + 3 < octets.length; i++)
    if (octets[i] === CR && octets[i + 1] === LF && octets[i + 2] === CR && octets[i + 3] === LF) return i
  return -1
}

/** 2.2: "a recipient MUST parse an HTTP message as a sequence of octets in an encoding that is a superset of US-ASCII". */
const decodeLatin1 = (octets: Uint8Array): string => Array.from(octets, (octet) => String.fromCharCode(octet)).join('')

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']

/** 3: method SP request-target SP HTTP-version. */
function parseRequestLine(line: string): Pick<HttpRequest, 'kind' | 'method' | 'target' | 'version'> {
  const [method = '', target = '', given = '', ...more] = line.split(' ')
  if (!TOKEN.test(method) || target === '' || given === '' || more.length > 0) throw new RuleBroken('http-request-line', line)
  const version = parseVersion(given, 'http-request-line', line)
  // 3.1: "The request method is case-sensitive."
  if (!METHODS.includes(method) && METHODS.includes(method.toUpperCase())) throw new RuleBroken('http-method', method)
  checkTarget(method, target)
  return { kind: 'request', method, target, version }
}

/** 2.3. Text that does not look like a version at all is reported as a fault of the whole line. */
function parseVersion(given: string, rule: 'http-request-line' | 'http-status-line', line: string): HttpVersion {
  if (!/^http\//i.test(given)) throw new RuleBroken(rule, line)
  const version = HTTP_VERSIONS.find((known) => known === given)
  if (!version) throw new RuleBroken('http-version', given)
  return version
}

/** 3.2: which of the four forms the target must have depends on the method. */
function checkTarget(method: string, target: string): void {
  const form =
    method === 'CONNECT'
      ? /^[^/?#@\s]+:\d+$/ // 3.2.3
      : method === 'OPTIONS'
        ? /^(\*|\/[!-~]*|https?:\/\/[!-~]+)$/i // 3.2.4
        : /^(\/[!-~]*|https?:\/\/[!-~]+)$/i // 3.2.1, 3.2.2
  if (!form.test(target) || target.includes('#')) throw new RuleBroken('http-target', target)
}

/** 4: HTTP-version SP status-code SP [ reason-phrase ]; the second space is required even if there is no reason phrase. */
function parseStatusLine(line: string): Pick<HttpResponse, 'kind' | 'status' | 'reason' | 'version'> {
  const version = parseVersion(line.split(' ')[0] ?? '', 'http-status-line', line)
  const [, status, reason] = /^\S+ ([1-5]\d\d) ([\t -~\x80-\xff]*)$/.exec(line) ?? []
  if (status === undefined || reason === undefined) throw new RuleBroken('http-status-line', line)
  return { kind: 'response', version, status: Number(status), reason }
}

/** 5: field-name ":" OWS field-value OWS. */
function parseFieldLine(line: string): HeaderField {
  if (/^[ \t]/.test(line)) throw new RuleBroken('http-folded-line', line.trim())
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0))
  const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
  // 5.1: "No whitespace is allowed between the field name and colon."
  if (/[ \t]$/.test(name) && TOKEN.test(name.trimEnd())) throw new RuleBroken('http-space-before-colon', line)
  if (!TOKEN.test(name) || !/^[\t -~\x80-\xff]*$/.test(value)) throw new RuleBroken('http-field-line', line)
  return { name, value }
}

/** 3.2: an HTTP/1.1 request must have exactly one Host field, with a valid value. */
function checkHost(fields: readonly HeaderField[]): void {
  const [host, ...more] = fieldValues(fields, 'host')
  if (host === undefined) throw new RuleBroken('http-host-missing', null)
  if (more.length > 0 || !/^[\w.~!$&'()*+,;=%[\]:-]*$/.test(host))
    throw new RuleBroken('http-host-wrong', [host, ...more].join(', '))
}

/** How the end of the body is determined (6.3). `close`: by the end of the stream, which has been reached if `ended`. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly octets: number }
  | { readonly kind: 'chunks' }
  | { readonly kind: 'close'; readonly ended: boolean }

function determineFraming(
  line: Pick<HttpRequest, 'kind'> | Pick<HttpResponse, 'kind' | 'status'>,
  fields: readonly HeaderField[],
  expected: ExpectedMessage,
): Framing {
  const codings = listFieldMembers(fields, 'transfer-encoding')
  const lengths = listFieldMembers(fields, 'content-length')
  // 6.2: "A sender MUST NOT send a Content-Length header field in any message that contains a Transfer-Encoding header field."
  if (codings.length > 0 && lengths.length > 0) throw new RuleBroken('http-two-framings', lengths.join(', '))
  const [length, ...more] = lengths
  if (length !== undefined && (!/^\d{1,9}$/.test(length) || more.length > 0))
    throw new RuleBroken('http-length-wrong', lengths.join(', '))
  if (line.kind === 'response' && 'status' in line) {
    const { status } = line
    const bodiless = status < 200 || status === 204
    if (bodiless && (lengths.length > 0 || codings.length > 0)) throw new RuleBroken('http-no-body', String(status))
    const head = expected.kind === 'response' && expected.to?.method === 'HEAD'
    if (bodiless || status === 304 || head) return { kind: 'none' }
  }
  if (codings.length > 0) {
    if (codings.length > 1 || codings[0] !== 'chunked') throw new RuleBroken('http-chunks', codings.join(', '))
    return { kind: 'chunks' }
  }
  if (length !== undefined) return { kind: 'length', octets: Number(length) }
  return expected.kind === 'response' ? { kind: 'close', ended: expected.ended } : { kind: 'none' }
}

/** Takes the body from `rest`, the octets after the head; `end` is its encoded length. Null if the body is incomplete. */
function takeBody(rest: Uint8Array, framing: Framing): { readonly body: Uint8Array; readonly end: number } | null {
  switch (framing.kind) {
    case 'none':
      return { body: new Uint8Array(0), end: 0 }
    case 'length':
      return rest.length < framing.octets ? null : { body: rest.slice(0, framing.octets), end: framing.octets }
    case 'close':
      return framing.ended ? { body: rest.slice(), end: rest.length } : null
    case 'chunks':
      return takeChunks(rest)
  }
}

/** 7.1: chunks, each preceded by its size in hexadecimal digits, up to a chunk of size 0; then the trailer section. Null if incomplete. */
function takeChunks(rest: Uint8Array): { readonly body: Uint8Array; readonly end: number } | null {
  const parts: Uint8Array[] = []
  let at = 0
  for (;;) {
    const line = readLine(rest, at)
    if (line === null) return null
    const size = /^([0-9a-f]{1,6})(?:[ \t]*;.*)?$/i.exec(line)?.[1]
    if (size === undefined) throw new RuleBroken('http-chunks', line)
    at += line.length + 2
    const octets = Number.parseInt(size, 16)
    if (octets === 0) break
    if (rest.length < at + octets + 2) return null
    parts.push(rest.slice(at, at + octets))
    if (rest[at + octets] !== CR || rest[at + octets + 1] !== LF) throw new RuleBroken('http-chunks', line)
    at += octets + 2
  }
  for (;;) {
    const line = readLine(rest, at)
    if (line === null) return null
    at += line.length + 2
    if (line === '') return { body: concat(...parts), end: at }
    parseFieldLine(line)
  }
}

/** The line that begins at `at`, without its CRLF; null if there is no CRLF yet. */
function readLine(octets: Uint8Array, at: number): string | null {
  for (let i = at; i + 1 < octets.length; i++)
    if (octets[i] === CR && octets[i + 1] === LF) return decodeLatin1(octets.subarray(at, i))
  return null
}
