/** Clients of the live server that do not behave like our pages: they send whatever they like, and read only when a test makes them. */
import { connect, type Socket } from 'node:net'
import type { SocketAuth } from '../../contract/events.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'

interface Target {
  readonly url: string
  readonly cookie: string
  /** The address of this machine to connect from. Default: the system chooses. */
  readonly localAddress?: string
}

/** The Engine.IO text of a Socket.IO event that requests an acknowledgement. */
export const eventText = (id: number, event: string, payload: unknown): string => `42${id}${JSON.stringify([event, payload])}`

export interface RawWebSocket {
  /** Everything up to the `place` event. */
  readonly greeting: string
  /** Sends a text frame or a control frame. */
  send(text: string, kind?: 'text' | 'ping' | 'pong'): void
  /** Writes a frame of `encodeFrame`, or several, as they are. Returns false if earlier ones have not been sent yet. */
  write(frames: Buffer): boolean
  /** Stops reading from the connection. */
  stopReading(): void
  readonly isClosed: boolean
  readonly closed: Promise<void>
  destroy(): void
}

const OPCODES = { text: 0x81, ping: 0x89, pong: 0x8a }

/** Encodes a client's frame of at most 64 kB. Its mask is zero (RFC 6455, section 5.3 requires one). */
export function encodeFrame(text: string, kind: keyof typeof OPCODES = 'text'): Buffer {
  const body = Buffer.from(text)
  const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([OPCODES[kind], ...length, 0, 0, 0, 0]), body])
}

/** Connects as this participant. Resolves once its `place` event has arrived. */
export async function openWebSocket({ url, cookie, localAddress }: Target, participant: string): Promise<RawWebSocket> {
  const tcp: Socket = connect({
    port: Number(new URL(url).port),
    host: '127.0.0.1',
    ...(localAddress === undefined ? {} : { localAddress }),
  })
  const closed = new Promise<void>((resolve) => tcp.once('close', () => resolve()))
  tcp.on('error', () => {})
  tcp.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Cookie: ${cookie}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  )
  const send: RawWebSocket['send'] = (text, kind = 'text') => void tcp.write(encodeFrame(text, kind))
  let heard = ''
  let greeted = false
  await new Promise<void>((resolve, reject) => {
    tcp.once('close', () => reject(new Error('the server has closed the connection')))
    const listen = (chunk: Buffer) => {
      heard += chunk.toString('latin1')
      if (!greeted && heard.includes('"sid"')) {
        greeted = true
        send(`40${JSON.stringify({ participant, wire: WIRE_VERSION } satisfies SocketAuth)}`)
      }
      if (!heard.includes('"place"')) return
      tcp.off('data', listen)
      tcp.resume()
      resolve()
    }
    tcp.on('data', listen)
  })
  return {
    greeting: heard,
    send,
    write: (frames) => tcp.write(frames),
    stopReading: () => void tcp.pause(),
    get isClosed() {
      return tcp.destroyed
    },
    closed,
    destroy: () => void tcp.destroy(),
  }
}

export interface RawPolling {
  /** Sends packets. Resolves with the HTTP status: 200 as long as the server keeps the connection. */
  send(...packets: readonly string[]): Promise<number>
  /** Waits for packets. */
  read(): Promise<readonly string[]>
}

const RECORD_SEPARATOR = '\u001e'

/** Long polling without a client library. Packets that are not requested stay at the server. */
export async function openPolling({ url, cookie }: Target, participant: string): Promise<RawPolling> {
  const headers = { cookie, 'content-type': 'text/plain;charset=UTF-8' }
  const path = `${url}/socket.io/?EIO=4&transport=polling`
  const opened = await (await fetch(path, { headers })).text()
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string }
  const send: RawPolling['send'] = async (...packets) =>
    (await fetch(`${path}&sid=${sid}`, { method: 'POST', headers, body: packets.join(RECORD_SEPARATOR) })).status
  const read = async () => (await (await fetch(`${path}&sid=${sid}`, { headers })).text()).split(RECORD_SEPARATOR)
  await send(`40${JSON.stringify({ participant, wire: WIRE_VERSION } satisfies SocketAuth)}`)
  for (let heard = ''; !heard.includes('"place"'); heard += (await read()).join());
  return { send, read }
}
