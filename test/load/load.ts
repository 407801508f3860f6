/**
 * The load, in a separate process: pairs of real clients. Arguments: the address, the number of pairs, and the real ms between two
 * acts of a pair; if that is 0, they play as fast as they are answered.
 */
import type { Seat } from '../../protocol/seat.ts'
import { io, type Socket } from 'socket.io-client'
import type { ClientToServer, ServerToClient, SocketAuth } from '../../contract/events.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import { createActionId } from '../../client/src/lib/action-id.ts'
import { ACTS, actionOf, seatOfAct } from './exchange.ts'
import { answerUse, BEGIN, END, JOINED, participant, type Joined, type Measured } from './messages.ts'

type Client = Socket<ServerToClient, ClientToServer>

const [url, pairs, interval] = process.argv.slice(2) as [string, string, string]
const intervalMs = Number(interval)
/** How many clients connect at the same time. */
const CONNECTING = 100

let latencies: number[] = []
let refused = 0
let refusal = ''

class Pair {
  readonly #clients: { client?: Client; server?: Client } = {}
  #round = { client: '', server: '' }
  #seen = { client: 1, server: 1 }
  #k = ACTS
  /** How many of the act's reply and the partner's view are still awaited. The next act follows when both have arrived. */
  #awaited = 0
  /** Real ms: when the next act is due. The first of each pair comes at random, so that the pairs do not act at the same moments. */
  #dueMs = 0

  /** Connects a client; resolves when it has a place in a round. */
  connect(number: number, seat: Seat): Promise<void> {
    const client: Client = io(url, {
      auth: { participant: participant(number, seat), wire: WIRE_VERSION } satisfies SocketAuth,
      transports: ['websocket'],
      forceNew: true,
    })
    this.#clients[seat] = client
    client.on('view', ({ round, view }) => {
      // The first view of a round comes when the round starts, which can be after its place.
      if (round !== this.#round[seat] || view.n === 1) return
      this.#seen[seat] = view.n
      this.#arrived()
    })
    return new Promise((resolve) =>
      client.on('place', ({ round }) => {
        resolve()
        if (!round || round.id === this.#round[seat]) return
        this.#round[seat] = round.id
        if (this.#round.client !== this.#round.server) return
        this.#seen = { client: 1, server: 1 }
        this.#k = 0
        this.#dueMs ||= performance.now() + Math.random() * intervalMs
        this.#actWhenDue()
      }),
    )
  }

  #actWhenDue(): void {
    if (intervalMs === 0) return this.#act()
    const waitMs = Math.max(0, this.#dueMs - performance.now())
    this.#dueMs += intervalMs
    setTimeout(() => this.#act(), waitMs)
  }

  #act(): void {
    const seat = seatOfAct(this.#k)
    const began = performance.now()
    this.#awaited = 2
    const act = { round: this.#round[seat], id: createActionId(), seen: this.#seen[seat], action: actionOf(this.#k) }
    this.#clients[seat]?.emit('act', act, (reply) => {
      latencies.push(performance.now() - began)
      if (!reply.ok || reply.views.at(-1)?.event.act?.outcome !== 'accepted') {
        refused++
        refusal = JSON.stringify(reply)
      }
      if (reply.ok) this.#seen[seat] = reply.views.at(-1)?.n ?? 0
      this.#arrived()
    })
  }

  #arrived(): void {
    if (--this.#awaited > 0) return
    this.#k++
    if (this.#k < ACTS) this.#actWhenDue()
  }
}

let joinedSeconds: number | null = null
const beganMs = performance.now()
const waiting = Array.from({ length: Number(pairs) }, (_, number) => {
  const pair = new Pair()
  return (['client', 'server'] as const).map((seat) => () => pair.connect(number, seat))
}).flat()
const connectNext = async (): Promise<void> => {
  for (let connect = waiting.shift(); connect; connect = waiting.shift()) await connect()
}
void Promise.all(Array.from({ length: CONNECTING }, connectNext)).then(() => {
  joinedSeconds = (performance.now() - beganMs) / 1000
})

answerUse()
process.on('message', (message) => {
  if (message === JOINED) process.send?.({ seconds: joinedSeconds } satisfies Joined)
  if (message === BEGIN) {
    latencies = []
    refused = 0
  }
  if (message !== END) return
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
  process.send?.({ acts: sorted.length, refused, refusal, p50: at(0.5), p99: at(0.99) } satisfies Measured)
})
process.once('disconnect', () => process.exit())
