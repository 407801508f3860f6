/** What RFC 9112 allows in a message, and how people break its rules. */
import { describe, expect, it, test } from 'vitest'
import { HTTP_MISCONCEPTIONS, type HttpMisconception } from '../../protocol/findings.ts'
import type { HttpMessage, HttpRequest, HttpResponse } from '../../protocol/http/message.ts'
import { readRequests, readResponses } from '../../protocol/http/read-message.ts'
import { mayWrite, encodeTyped, type HttpHistory } from '../../protocol/http/may-write.ts'
import { concat, decodeUtf8, encodeUtf8 } from '../../protocol/octets.ts'

const NOTHING: HttpHistory = { requests: [], responses: [], authority: 'www.example.edu' }
const HOST = 'Host: www.example.edu\n'
const GET = `GET /a HTTP/1.1\n${HOST}\n`
const OK = 'HTTP/1.1 200 OK\nContent-Length: 2\n\nhi'

/** Writes each of these messages in turn, each by its side. Returns the last one's finding, or the message itself. */
function last(
  texts: readonly string[],
): HttpMessage | { rule: string; misconception: string | null; given: string | number | null } {
  let standing = NOTHING
  for (const [i, text] of texts.entries()) {
    const written = mayWrite(sideOf(text), text, standing)
    if (i === texts.length - 1) return written.ok ? written.message : written.finding
    if (!written.ok) throw new Error(`${text}: ${written.finding.misconception}`)
    const { message } = written
    standing =
      message.kind === 'request'
        ? { ...standing, requests: [...standing.requests, message] }
        : { ...standing, responses: [...standing.responses, message] }
  }
  throw new Error('nothing was written')
}

/** The server's messages start with a version, or with `<`, which marks a message without a status line. */
const sideOf = (text: string) => (/^(HTTP|http|<)/.test(text) ? 'response' : 'request')

/** Rule, the messages before, and the message that keeps or breaks the rule. */
const KEPT: readonly (readonly [string, ...string[]])[] = [
  ['RFC 9112 3: a request line, one Host, an empty line', GET],
  ['RFC 9112 3.2.1: a target with a query', `GET /find?q=1 HTTP/1.1\n${HOST}\n`],
  ['RFC 9112 3.2.2: the absolute form', `GET http://www.example.edu/a HTTP/1.1\n${HOST}\n`],
  ['RFC 9112 3.2.4: * with OPTIONS', `OPTIONS * HTTP/1.1\n${HOST}\n`],
  ['RFC 9112 2.3: HTTP/1.0 needs no Host', 'GET /a HTTP/1.0\n\n'],
  ['RFC 9110 5.1: names in any case', 'GET /a HTTP/1.1\nhOST: www.example.edu\n\n'],
  ['RFC 9112 5: a value needs no space before it', 'GET /a HTTP/1.1\nHost:www.example.edu\n\n'],
  ['RFC 9112 6.2: a body counted in octets', `POST /a HTTP/1.1\n${HOST}Content-Length: 6\n\n网页`],
  ['RFC 9112 7.1: a body in chunks', `POST /a HTTP/1.1\n${HOST}Transfer-Encoding: chunked\n\n2\nhi\n0\n\n`],
  ['RFC 9112 4: a response', GET, OK],
  ['RFC 9112 4: the reason may be empty, its space not', GET, 'HTTP/1.1 200 \nContent-Length: 0\n\n'],
  ['RFC 9112 6.3: a response that ends with its connection', GET, 'HTTP/1.1 200 OK\nConnection: close\n\nhi'],
  ['RFC 9112 6.3: 204 has no body', GET, 'HTTP/1.1 204 No Content\n\n'],
  ['RFC 9112 6.3: to HEAD a length without a body', `HEAD /a HTTP/1.1\n${HOST}\n`, 'HTTP/1.1 200 OK\nContent-Length: 2\n\n'],
  ['RFC 9112 9.3.2: a second request before the first is answered', GET, GET],
  ['RFC 9110 15.2: an interim response is none yet', GET, 'HTTP/1.1 100 Continue\n\n', OK],
]

const BROKEN: readonly (readonly [HttpMisconception, ...string[]])[] = [
  ['http-empty-line', `GET /a HTTP/1.1\n${HOST}`],
  ['http-empty-line', 'GET /a HTTP/1.1\nHost: www.example.edu'],
  ['http-version', `GET /a HTTP/2.0\n${HOST}\n`],
  ['http-version', `GET /a http/1.1\n${HOST}\n`],
  ['http-request-line', ''],
  ['http-request-line', `GET /a\n${HOST}\n`],
  ['http-request-line', `GET  /a HTTP/1.1\n${HOST}\n`],
  ['http-request-line', `GET /a HTTP/1.1 \n${HOST}\n`],
  ['http-request-line', `\n\n${GET}`],
  ['http-method', `get /a HTTP/1.1\n${HOST}\n`],
  ['http-target', `GET a HTTP/1.1\n${HOST}\n`],
  ['http-target', `GET /a#top HTTP/1.1\n${HOST}\n`],
  ['http-target', `GET * HTTP/1.1\n${HOST}\n`],
  ['http-host-missing', 'GET /a HTTP/1.1\n\n'],
  ['http-host-wrong', `GET /a HTTP/1.1\n${HOST}${HOST}\n`],
  ['http-host-wrong', 'GET /a HTTP/1.1\nHost: 192.0.2.2\n\n'],
  ['http-host-wrong', 'GET /a HTTP/1.1\nHost: http://www.example.edu\n\n'],
  ['http-status-line', GET, 'HTTP/1.1 200\nContent-Length: 0\n\n'],
  ['http-status-line', GET, 'HTTP/1.1 OK 200\nContent-Length: 0\n\n'],
  ['http-status-line', GET, '<h1>hi</h1>'],
  ['http-field-line', `GET /a HTTP/1.1\nHost www.example.edu\n\n`],
  ['http-field-line', `GET /a HTTP/1.1\nHost：www.example.edu\n\n`],
  ['http-space-before-colon', 'GET /a HTTP/1.1\nHost : www.example.edu\n\n'],
  ['http-folded-line', `GET /a HTTP/1.1\n${HOST} more\n\n`],
  ['http-length-wrong', `POST /a HTTP/1.1\n${HOST}Content-Length: 2\n\n网页`],
  ['http-length-wrong', `POST /a HTTP/1.1\n${HOST}Content-Length: 9\n\nhi`],
  ['http-length-wrong', `POST /a HTTP/1.1\n${HOST}Content-Length: two\n\nhi`],
  ['http-length-wrong', `POST /a HTTP/1.1\n${HOST}Content-Length: 2\nContent-Length: 2\n\nhi`],
  ['http-two-framings', `POST /a HTTP/1.1\n${HOST}Content-Length: 2\nTransfer-Encoding: chunked\n\n2\nhi\n0\n\n`],
  ['http-length-missing', `POST /a HTTP/1.1\n${HOST}\nhi`],
  ['http-length-missing', GET, 'HTTP/1.1 200 OK\n\nhi'],
  ['http-no-body', GET, 'HTTP/1.1 204 No Content\n\nhi'],
  ['http-no-body', GET, 'HTTP/1.1 204 No Content\nContent-Length: 2\n\nhi'],
  ['http-no-body', `HEAD /a HTTP/1.1\n${HOST}\n`, OK],
  ['http-chunks', `POST /a HTTP/1.1\n${HOST}Transfer-Encoding: chunked\n\nhi\n0\n\n`],
  ['http-chunks', `POST /a HTTP/1.1\n${HOST}Transfer-Encoding: gzip\n\nhi`],
  ['http-answer-unasked', OK],
  ['http-answer-unasked', GET, OK, OK],
  ['http-after-close', `GET /a HTTP/1.1\n${HOST}Connection: close\n\n`, GET],
  ['http-after-close', GET, GET, `HTTP/1.1 200 OK\nConnection: close\nContent-Length: 0\n\n`, OK],
]

describe('what may be written', () => {
  test.each(KEPT)('%s', (_, ...texts) => expect(last(texts)).toHaveProperty('kind'))
})

describe('what may not', () => {
  test.each(BROKEN)('%s: %j %j %j %j', (misconception, ...texts) =>
    expect(last(texts)).toMatchObject({ misconception, field: 'message' }),
  )

  it('breaks every rule at least once', () => {
    expect(new Set(BROKEN.map(([rule]) => rule))).toEqual(new Set(HTTP_MISCONCEPTIONS))
  })

  it('says what was given, and the clause', () => {
    expect(last(['get /a HTTP/1.1\n\n'])).toMatchObject({ given: 'get', rule: 'RFC 9112 3.1' })
    expect(last([`POST /a HTTP/1.1\n${HOST}Content-Length: 9\n\nhi`])).toMatchObject({ given: '9', rule: 'RFC 9112 6.2' })
  })
})

describe('what is read from a stream', () => {
  const stream = concat(
    encodeTyped(GET),
    encodeTyped(`POST /b HTTP/1.1\n${HOST}Transfer-Encoding: chunked\n\n2\nhi\n1;x=y\n!\n0\nDigest: none\n\n`),
  )
  const read = (octets: Uint8Array) => readRequests(octets).map(({ message }) => message)

  it('RFC 9112 2.1: lines end in CR LF, the body is its own octets', () => {
    expect(decodeUtf8(encodeTyped('GET / HTTP/1.1\nHost: a\n\none\ntwo'))).toBe('GET / HTTP/1.1\r\nHost: a\r\n\r\none\ntwo')
  })

  it('RFC 9112 7.1: messages follow each other, chunks are put together, their extensions and trailers passed over', () => {
    expect(read(stream)).toMatchObject([
      { method: 'GET', target: '/a' },
      { method: 'POST', target: '/b', body: encodeUtf8('hi!') },
    ])
    expect(readRequests(stream).reduce((sum, { octets }) => sum + octets.length, 0)).toBe(stream.length)
  })

  it('a message is there once its last octet is, and not before', () => {
    for (let end = 0; end <= stream.length; end++)
      expect(read(stream.subarray(0, end)).length).toBe((end >= encodeTyped(GET).length ? 1 : 0) + (end === stream.length ? 1 : 0))
  })

  it('RFC 9112 6.3: a response without a length goes on until the connection ends', () => {
    const octets = encodeTyped('HTTP/1.1 200 OK\n\nhi')
    const requests = read(encodeTyped(GET)) as readonly HttpRequest[]
    const bodies = (wholes: readonly { message: HttpResponse }[]) => wholes.map(({ message }) => decodeUtf8(message.body))
    expect(bodies(readResponses(octets, requests, false))).toEqual([])
    expect(bodies(readResponses(octets, requests, true))).toEqual(['hi'])
  })
})
