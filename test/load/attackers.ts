/**
 * Clients that try to exhaust the server, in a process of their own. None of them has a code: they practise alone. Arguments: the address
 * and the name of the attack.
 */
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setPriority } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { encodeFrame, eventText, openWebSocket, type RawWebSocket } from '../support/raw-client.ts'
import { END, READY, type AttackEnded } from './messages.ts'

const [url = '', attack = ''] = process.argv.slice(2)
const port = Number(new URL(url).port)
/** The attackers share an address that is not the lesson's, as far as the system lets a client choose (Linux does). */
const LOCAL_ADDRESS = process.platform === 'linux' ? { localAddress: '127.0.0.2' } : {}
let cut = 0
let ended = false

interface Learner {
  readonly cookie: string
  readonly id: string
}

/** Begins a round of practice; with a learner, as that one, which ends the round before. */
function practise(before?: Learner): Promise<Learner> {
  const body = { exercise: 'handshake', seat: 'client', level: 'guided', partner: { pace: 'human' } }
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...(before ? { cookie: before.cookie } : {}) }
    request(`${url}/api/practice`, { method: 'POST', headers, agent: false, ...LOCAL_ADDRESS }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => (text += String(chunk)))
      answer.on('end', () => {
        const { participant } = JSON.parse(text) as { participant: string }
        const cookie = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
        resolve({ cookie, id: participant })
      })
    })
      .on('error', reject)
      .end(JSON.stringify(body))
  })
}

const open = ({ cookie, id }: Learner) => openWebSocket({ url, cookie, ...LOCAL_ADDRESS }, id)
const roundOf = ({ greeting }: RawWebSocket) => /"round":\{"id":"([\w-]+)"/.exec(greeting)?.[1] ?? ''
const learners = (count: number) => Promise.all(Array.from({ length: count }, () => practise()))

const LONG_TEXT = 'x'.repeat(7_900)
let acts = 0
const longAct = (round: string) =>
  eventText(1, 'act', {
    round,
    id: `long-act-${++acts}`,
    seen: 1,
    action: { kind: 'write', message: { kind: 'http', text: LONG_TEXT } },
  })

/** Acts in this learner's round as often as one may, until it is about a megabyte long. Returns its id. */
async function makeLongRound(learner: Learner): Promise<string> {
  const socket = await open(learner)
  const round = roundOf(socket)
  for (let i = 0; i < 120; i++) {
    socket.send(longAct(round))
    await delay(50)
  }
  socket.destroy()
  return round
}

/** Keeps such a socket open and works with it, again whenever the server has ended it. */
async function keepOpen(learner: Learner, work: (socket: RawWebSocket) => Promise<void>): Promise<void> {
  while (!ended) {
    try {
      const socket = await open(learner)
      await work(socket)
      await socket.closed
    } catch {
      // refused
    }
    cut++
    await delay(50)
  }
}

function tcp(): Socket {
  const socket = connect({ port, host: '127.0.0.1', ...LOCAL_ADDRESS })
  socket.on('error', () => {})
  return socket
}

/** Keeps so many TCP connections open, each after such a greeting and without reading, again whenever the server has ended one. */
function keepTcp(count: number, greeting: string): void {
  const begin = () => {
    if (ended) return
    const socket = tcp()
    socket.pause()
    if (greeting !== '') socket.write(greeting)
    // A socket that is paused and not read reports its end only to a write.
    socket.once('close', () => {
      cut++
      setTimeout(begin, 100)
    })
  }
  for (let i = 0; i < count; i++) begin()
}

const ATTACKS: Readonly<Record<string, () => Promise<void>>> = {
  async 'long rounds, not read'() {
    const people = await learners(5)
    const rounds = await Promise.all(people.map(makeLongRound))
    people.forEach((learner, i) => {
      const resume = eventText(1, 'resume', { round: rounds[i], from: 0 })
      for (let tab = 0; tab < 3; tab++)
        void keepOpen(learner, async (socket) => {
          socket.stopReading()
          while (!socket.isClosed && !ended) {
            socket.send(resume)
            await delay(150)
          }
        })
    })
  },

  async 'long rounds, read'() {
    const people = await learners(10)
    const rounds = await Promise.all(people.map(makeLongRound))
    people.forEach((learner, i) => {
      void keepOpen(learner, async (socket) => {
        while (!socket.isClosed && !ended) {
          socket.send(acts % 2 ? longAct(rounds[i] ?? '') : eventText(acts++, 'resume', { round: rounds[i], from: 0 }))
          await delay(50)
        }
      })
    })
  },

  async 'floods of events'() {
    const [learner] = await learners(1)
    const frames = Buffer.concat(Array.from({ length: 500 }, (_, i) => encodeFrame(eventText(i, 'shout', {}))))
    for (let tab = 0; tab < 10; tab++)
      void keepOpen(learner!, async (socket) => {
        while (!socket.isClosed && !ended) {
          socket.write(frames)
          await delay(20)
        }
      })
  },

  async 'connections without a greeting'() {
    keepTcp(1_000, '')
    keepTcp(
      500,
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
  },

  async 'bodies that do not come'() {
    keepTcp(1_000, 'POST /api/join HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"code": ')
  },

  async 'answers over HTTP, not read'() {
    const people = await learners(3)
    const rounds = await Promise.all(people.map(makeLongRound))
    for (const learner of people) await practise(learner) // ends the long round, so that its replay is open
    people.forEach(({ cookie }, i) => {
      keepTcp(100, `GET /api/rounds/${rounds[i]}/replay HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n\r\n`)
    })
  },

  async 'floods of requests'() {
    const requests = 'GET /api/practice HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20)
    const begin = () => {
      const socket = tcp().resume()
      const timer = setInterval(() => socket.write(requests), 20)
      socket.once('close', () => {
        cut++
        clearInterval(timer)
        if (!ended) setTimeout(begin, 100)
      })
    }
    for (let i = 0; i < 20; i++) begin()
  },
}

setPriority(19) // the lesson's own clients are not to wait for this process
process.on('message', (message) => {
  if (message !== END) return
  ended = true
  process.send?.({ cut } satisfies AttackEnded)
})
process.once('disconnect', () => process.exit())

await ATTACKS[attack]?.()
await delay(1_000)
process.send?.(READY)
