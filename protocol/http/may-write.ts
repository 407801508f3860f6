/** Decides whether a side of an HTTP connection may send a given message now. Messages are judged as people type them. */
import type { Finding, HttpMisconception } from '../findings.ts'
import { concat, encodeUtf8 } from '../octets.ts'
import { dropInterim, closesAfter, type HttpMessage, type HttpRequest, type HttpResponse, fieldValues } from './message.ts'
import { type ExpectedMessage, type HttpFault, readMessage } from './read-message.ts'

/** The clause that contains each rule. */
const CLAUSES: { readonly [R in HttpMisconception]: string } = {
  'http-empty-line': 'RFC 9112 2.1',
  'http-version': 'RFC 9112 2.3',
  'http-request-line': 'RFC 9112 3',
  'http-method': 'RFC 9112 3.1',
  'http-target': 'RFC 9112 3.2',
  'http-host-missing': 'RFC 9112 3.2',
  'http-host-wrong': 'RFC 9112 3.2',
  'http-status-line': 'RFC 9112 4',
  'http-field-line': 'RFC 9112 5',
  'http-space-before-colon': 'RFC 9112 5.1',
  'http-folded-line': 'RFC 9112 5.2',
  'http-length-wrong': 'RFC 9112 6.2',
  'http-two-framings': 'RFC 9112 6.2',
  'http-length-missing': 'RFC 9112 6.3',
  'http-no-body': 'RFC 9112 6.3',
  'http-chunks': 'RFC 9112 7.1',
  'http-answer-unasked': 'RFC 9112 9.2',
  'http-after-close': 'RFC 9112 9.6',
}

/** The messages exchanged on this connection so far. */
export interface HttpHistory {
  readonly requests: readonly HttpRequest[]
  readonly responses: readonly HttpResponse[]
  /** The authority of the target URI, in lower case: the required value of Host. */
  readonly authority: string
}

/** The result of `mayWrite`: the parsed message, or a finding. */
export type WritePermission =
  { readonly ok: true; readonly message: HttpMessage } | { readonly ok: false; readonly finding: Finding }

/** Judges a message as its sender has typed it; `encodeTyped` defines which octets that gives. */
export function mayWrite(kind: HttpMessage['kind'], text: string, history: HttpHistory): WritePermission {
  const result = judgeOctets(encodeTyped(text), expectNext(kind, history), history)
  return 'rule' in result ? { ok: false, finding: toFinding(result) } : { ok: true, message: result }
}

/**
 * Encodes a typed message in UTF-8. Lines of the head, including the empty line, end in CRLF. Lines of the body end in LF, except in a
 * message with Transfer-Encoding: there they end in CRLF, because chunks are delimited by CRLF.
 */
export function encodeTyped(text: string): Uint8Array {
  const lines = text.replaceAll('\r\n', '\n')
  const empty = lines.indexOf('\n\n')
  const crlf = (part: string) => encodeUtf8(part.replaceAll('\n', '\r\n'))
  if (empty < 0) return crlf(lines)
  const head = lines.slice(0, empty + 2)
  const body = lines.slice(empty + 2)
  return concat(crlf(head), /^transfer-encoding:/im.test(head) ? crlf(body) : encodeUtf8(body))
}

/** The request that the next response answers: "in the same order that the requests were received" (9.2, 9.3.2). */
const nextUnanswered = ({ requests, responses }: HttpHistory): HttpRequest | undefined => requests[dropInterim(responses).length]

function expectNext(kind: HttpMessage['kind'], history: HttpHistory): ExpectedMessage {
  const to = nextUnanswered(history)
  return kind === 'request' ? { kind } : { kind, ended: true, ...(to ? { to } : {}) }
}

function judgeOctets(octets: Uint8Array, expected: ExpectedMessage, history: HttpHistory): HttpMessage | HttpFault {
  const { requests, responses, authority } = history
  const reading = readMessage(octets, expected)
  if (reading.kind === 'broken') return reading.fault
  if (reading.kind === 'incomplete')
    return reading.part === 'head'
      ? diagnoseUnended(octets, expected)
      : { rule: 'http-length-wrong', given: reading.length === null ? null : String(reading.length) }
  const { message, end, delimited } = reading
  if (end < octets.length) {
    if (delimited === 'length')
      return { rule: 'http-length-wrong', given: fieldValues(message.fields, 'content-length').join(', ') }
    return message.kind === 'request'
      ? { rule: 'http-length-missing', given: null }
      : { rule: 'http-no-body', given: String(message.status) }
  }
  if (message.kind === 'request') {
    const [host] = fieldValues(message.fields, 'host')
    // "a field value for Host that is identical to that authority component"
    if (host !== undefined && host.toLowerCase() !== authority) return { rule: 'http-host-wrong', given: host }
    // "A client that sends a "close" connection option MUST NOT send further requests on that connection."
    if (requests.some(closesAfter) || dropInterim(responses).some(closesAfter)) return { rule: 'http-after-close', given: null }
    return message
  }
  if (!nextUnanswered(history)) return { rule: 'http-answer-unasked', given: null }
  if (dropInterim(responses).some(closesAfter)) return { rule: 'http-after-close', given: null }
  // The recipient reads this body until the connection closes; if the connection stays open, the body never ends.
  if (delimited === 'close' && !closesAfter(message)) return { rule: 'http-length-missing', given: null }
  return message
}

/** For a header section without its final empty line. A fault within the header section takes precedence over the missing line. */
function diagnoseUnended(octets: Uint8Array, expected: ExpectedMessage): HttpFault {
  const [beforeLast, last] = octets.slice(-2)
  const closed = concat(octets, encodeUtf8(beforeLast === 13 && last === 10 ? '\r\n' : '\r\n\r\n'))
  const reading = readMessage(closed, expected)
  return reading.kind === 'broken' ? reading.fault : { rule: 'http-empty-line', given: null }
}

const toFinding = ({ rule, given }: HttpFault): Finding => ({
  kind: 'refusal',
  field: 'message',
  given,
  want: null,
  rule: CLAUSES[rule],
  misconception: rule,
})
