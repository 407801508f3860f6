/**
 * An interceptor, a man in the middle: two endpoints back to back, a server towards the client and a client towards the server. It passes on
 * each message that it reads, those that depend on a key of its own made anew, and may change the data. What it sends is as long as what it
 * has received, so that the sequence numbers of the TCP connection, which goes through it, remain right.
 */
import { concat, toHex } from '../../octets.ts'
import { peerOf, type Seat } from '../../seat.ts'
import { maySendMessage } from '../acceptor/judge-message.ts'
import type { Bytes } from '../format/crypto.ts'
import type { TlsMessage } from '../format/messages.ts'
import { getTlsRules } from '../keys/rules.ts'
import { buildTlsMessage } from './build-message.ts'
import { transmit } from './compose.ts'
import { createEndpoint, type EncodableMessage, type EndpointHost, type TlsEndpoint } from './endpoint.ts'
import { receive } from './receive.ts'

/** Its two endpoints, each by the seat that it faces. */
export type Interceptor = { readonly [S in Seat]: TlsEndpoint }

/** The interceptor before the first message. */
export const createInterceptor = (): Interceptor => ({ client: createEndpoint('server'), server: createEndpoint('client') })

/** What an interceptor has done with octets of one side. */
export interface Interception {
  readonly interceptor: Interceptor
  /** What it sends on in their place, of the same length. */
  readonly octets: Bytes
  /** The messages that it has read. */
  readonly read: readonly TlsMessage[]
  /** The application data that it has read and sent on, in hex. */
  readonly data: readonly { readonly read: string; readonly sent: string }[]
}

/**
 * Takes in whole records of the side `from`. `hosts`: the environment of each endpoint, by the seat that it faces. `change`: what becomes of
 * application data. Null if it cannot read them, or cannot send on as many octets.
 */
export function intercept(
  interceptor: Interceptor,
  from: Seat,
  octets: Bytes,
  hosts: { readonly [S in Seat]: EndpointHost },
  change: (data: Bytes) => Bytes,
): Interception | null {
  const to = peerOf(from)
  const { endpoint, messages, failed } = receive(interceptor[from], octets, hosts[from])
  if (failed) return null
  let facing = interceptor[to]
  const sent: Bytes[] = []
  const data: { read: string; sent: string }[] = []
  for (const { message } of messages) {
    const own = buildOwn(facing, message, hosts[to], change)
    const permission = maySendMessage(facing.connection, own, { rules: getTlsRules(hosts[to].config.rules) })
    if (!permission.ok) return null
    const transmission = transmit(facing, own, permission.connection, hosts[to])
    facing = transmission.endpoint
    sent.push(transmission.octets)
    if (message.kind === 'ApplicationData' && own.kind === 'ApplicationData')
      data.push({ read: toHex(message.data), sent: toHex(own.data) })
  }
  const all = concat(...sent)
  if (all.length !== octets.length) return null
  const both = from === 'client' ? { client: endpoint, server: facing } : { client: facing, server: endpoint }
  return { interceptor: both, octets: all, read: messages.map(({ message }) => message), data }
}

/** The message that it sends in place of one that it has read: what depends on randoms, keys and the transcript is its own. */
function buildOwn(at: TlsEndpoint, message: TlsMessage, host: EndpointHost, change: (data: Bytes) => Bytes): TlsMessage {
  const choice = ownChoice(message)
  if (choice !== null) return buildTlsMessage(at, choice, host)
  return message.kind === 'ApplicationData' ? { ...message, data: change(message.data) } : message
}

/** The choice by which it makes a message anew; null if it sends it on as it is. */
function ownChoice(message: TlsMessage): EncodableMessage | null {
  switch (message.kind) {
    case 'ClientHello':
      return { say: 'ClientHello', suites: message.suites }
    case 'ServerHello':
      return { say: 'ServerHello', suite: message.suite }
    case 'Certificate':
      return message.chain.length === 0 ? null : { say: 'Certificate' }
    case 'HelloRetryRequest':
    case 'ServerKeyExchange':
    case 'ClientKeyExchange':
    case 'CertificateVerify':
    case 'Finished':
      return { say: message.kind }
    default:
      return null
  }
}
