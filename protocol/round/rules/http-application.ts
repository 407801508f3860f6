/** HTTP in a round: what an application may write, what it wants to write, and what has been delivered to it. */
import type { Seat } from '../../seat.ts'
import { closesAfter, type HttpMessage, type HttpRequest, fieldValues } from '../../http/message.ts'
import { readRequests, readResponses } from '../../http/read-message.ts'
import { mayWrite, type HttpHistory, type WritePermission } from '../../http/may-write.ts'
import { decodeUtf8, fromHex, encodeUtf8 } from '../../octets.ts'
import type { MessageDraft } from '../model/action.ts'
import type { ScriptHttp } from '../model/script.ts'
import { applicationOctetsOf } from '../fold/application-stream.ts'
import type { World } from '../model/world.ts'

/** The kind of message that each side writes. */
export const httpMessageKindOf = (seat: Seat): 'request' | 'response' => (seat === 'client' ? 'request' : 'response')

/** Judges a message that a seat has composed by RFC 9112, in view of what it has sent and received so far. */
export const judgeHttpMessage = (web: ScriptHttp, world: World, seat: Seat, text: string): WritePermission =>
  mayWrite(httpMessageKindOf(seat), text, httpStandingOf(web, world, seat))

/** Whether a message is the one that the application wants to send. Only the fields checked here matter; others may be added freely. */
export function isWantedMessage({ page, closes = false }: ScriptHttp, message: HttpMessage): boolean {
  if (closesAfter(message) !== closes) return false
  if (message.kind === 'request') return message.method === 'GET' && message.target === page.target
  const [type] = fieldValues(message.fields, 'content-type')
  return message.status === 200 && type?.toLowerCase() === page.type && decodeUtf8(message.body) === page.body
}

/** The message that the application wants to send, as the engine would write it. */
export function wantedMessageOf({ host, page, closes }: ScriptHttp, seat: Seat): MessageDraft {
  const close = closes ? ['Connection: close'] : []
  const lines =
    seat === 'client'
      ? [`GET ${page.target} HTTP/1.1`, `Host: ${host}`, ...close, '', '']
      : [
          'HTTP/1.1 200 OK',
          `Content-Type: ${page.type}`,
          `Content-Length: ${encodeUtf8(page.body).length}`,
          ...close,
          '',
          page.body,
        ]
  return { kind: 'http', text: lines.join('\n') }
}

/** The messages that have been delivered to a seat's application in full, as text. */
export function messagesDeliveredTo(world: World, seat: Seat): readonly string[] {
  const { said, heard, ended } = applicationOctetsOf(world, seat)
  const wholes = seat === 'client' ? readResponses(fromHex(heard), requestsOf(said), ended) : readRequests(fromHex(heard))
  return wholes.map((whole) => decodeUtf8(whole.octets))
}

const requestsOf = (octets: string): readonly HttpRequest[] => readRequests(fromHex(octets)).map(({ message }) => message)

function httpStandingOf({ host }: ScriptHttp, world: World, seat: Seat): HttpHistory {
  const { said, heard, ended } = applicationOctetsOf(world, seat)
  const [asked, answered] = seat === 'client' ? [said, heard] : [heard, said]
  const requests = requestsOf(asked)
  const responses = readResponses(fromHex(answered), requests, seat === 'server' || ended)
  return { requests, responses: responses.map(({ message }) => message), authority: host }
}
