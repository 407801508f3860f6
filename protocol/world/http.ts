/** HTTP in a round: what an application may write, what it wants to, and what it has been given. */
import { isLast, type Message, type Request, valuesOf } from '../http/message.ts'
import { requestsIn, responsesIn } from '../http/read.ts'
import { mayWrite, type Standing, type Written } from '../http/write.ts'
import { fromUtf8, unhex, utf8 } from '../octets.ts'
import type { Composed } from './action.ts'
import type { Seat } from './exercise.ts'
import type { DrawnWeb } from './script.ts'
import { spokenBy } from './stream.ts'
import type { World } from './world.ts'

/** What each side writes in HTTP. */
export const kindOf = (seat: Seat): 'request' | 'response' => (seat === 'client' ? 'request' : 'response')

/** What a seat composes, judged by RFC 9112 as things stand for it. */
export const judgeMessage = (web: DrawnWeb, world: World, seat: Seat, text: string): Written =>
  mayWrite(kindOf(seat), text, standingOf(web, world, seat))

/** A message is what the application wants to say now: in these points, whatever else it says. */
export function isWanted({ page, closes = false }: DrawnWeb, message: Message): boolean {
  if (isLast(message) !== closes) return false
  if (message.is === 'request') return message.method === 'GET' && message.target === page.target
  const [type] = valuesOf(message.fields, 'content-type')
  return message.status === 200 && type?.toLowerCase() === page.type && fromUtf8(message.body) === page.body
}

/** The message as the engine would write it. */
export function wantedBy({ host, page, closes }: DrawnWeb, seat: Seat): Composed {
  const close = closes ? ['Connection: close'] : []
  const lines =
    seat === 'client'
      ? [`GET ${page.target} HTTP/1.1`, `Host: ${host}`, ...close, '', '']
      : ['HTTP/1.1 200 OK', `Content-Type: ${page.type}`, `Content-Length: ${utf8(page.body).length}`, ...close, '', page.body]
  return { layer: 'http', text: lines.join('\n') }
}

/** The messages that a seat's application has been given whole, as text. */
export function givenMessages(world: World, seat: Seat): readonly string[] {
  const { said, heard, ended } = spokenBy(world, seat)
  const wholes = seat === 'client' ? responsesIn(unhex(heard), requestsOf(said), ended) : requestsIn(unhex(heard))
  return wholes.map((whole) => fromUtf8(whole.octets))
}

const requestsOf = (octets: string): readonly Request[] => requestsIn(unhex(octets)).map(({ message }) => message)

function standingOf({ host }: DrawnWeb, world: World, seat: Seat): Standing {
  const { said, heard, ended } = spokenBy(world, seat)
  const [asked, answered] = seat === 'client' ? [said, heard] : [heard, said]
  const requests = requestsOf(asked)
  const responses = responsesIn(unhex(answered), requests, seat === 'server' || ended)
  return { requests, responses: responses.map(({ message }) => message), authority: host }
}
