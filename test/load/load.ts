/**
 * The load, in a separate process: pairs of real clients who play as fast as they are answered. Arguments: the address and the
 * number of pairs.
 */
import type { Seat } from '../../protocol/seat.ts'
import { io, type Socket } from 'socket.io-client'
import type { ClientToServer, ServerToClient } from '../../contract/events.ts'
import { ACTS, actionOf, seatOfAct } from './exchange.ts'
import { answerCpu, BEGIN, END, participant, type Measured } from './messages.ts'

type Client = Socket<ServerToClient, ClientToServer>

const [url, pairs] = process.argv.slice(2) as [string, string]
let latencies: number[] = []
let refused = 0

class Pair {
  readonly #clients: { readonly [S in Seat]: Client }
  #round = { client: '', server: '' }
  #seen = { client: 1, server: 1 }
  #k = ACTS
  /** How many of the act's reply and the partner's view are still awaited. The next act follows when both have arrived. */
  #awaited = 0

  constructor(number: number) {
    this.#clients = { client: this.#connect(number, 'client'), server: this.#connect(number, 'server') }
  }

  #connect(number: number, seat: Seat): Client {
    const client: Client = io(url, { auth: { participant: participant(number, seat) }, transports: ['websocket'], forceNew: true })
    client.on('place', ({ round }) => {
      if (!round || round.id === this.#round[seat]) return
      this.#round[seat] = round.id
      if (this.#round.client !== this.#round.server) return
      this.#seen = { client: 1, server: 1 }
      this.#k = 0
      this.#act()
    })
    client.on('view', ({ round, view }) => {
      if (round !== this.#round[seat]) return
      this.#seen[seat] = view.n
      this.#arrived()
    })
    return client
  }

  #act(): void {
    const seat = seatOfAct(this.#k)
    const began = performance.now()
    this.#awaited = 2
    const act = { round: this.#round[seat], id: `bench-act-${this.#k}`, seen: this.#seen[seat], action: actionOf(this.#k) }
    this.#clients[seat].emit('act', act, (reply) => {
      latencies.push(performance.now() - began)
      if (!reply.ok || reply.views.at(-1)?.event.act?.outcome !== 'accepted') refused++
      if (reply.ok) this.#seen[seat] = reply.views.at(-1)?.n ?? 0
      this.#arrived()
    })
  }

  #arrived(): void {
    if (--this.#awaited > 0) return
    this.#k++
    if (this.#k < ACTS) this.#act()
  }
}

for (let number = 0; number < Number(pairs); number++) new Pair(number)

answerCpu()
process.on('message', (message) => {
  if (message === BEGIN) {
    latencies = []
    refused = 0
  }
  if (message !== END) return
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN
  process.send?.({ acts: sorted.length, refused, p50: at(0.5), p99: at(0.99) } satisfies Measured)
})
process.once('disconnect', () => process.exit())
