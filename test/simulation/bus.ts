/**
 * The bus between nodes, as `server/nodes/cluster.ts` uses it: in order. A node whose connection has broken hears afterwards that something
 * is lost; where packets vanish, nobody says so.
 */
import type { Node } from './node.ts'
import { Pipe, type Weather } from './network.ts'
import type { VirtualTime } from './virtual-time.ts'

interface Member {
  readonly node: Node
  readonly pipe: Pipe
  /** It is cut off: what it sends is lost, and so is what it is to hear. */
  cut: boolean
}

export class Bus {
  readonly #time: VirtualTime
  readonly #weather: Weather
  readonly #members = new Map<string, Member>()

  constructor(time: VirtualTime, weather: Weather) {
    this.#time = time
    this.#weather = weather
  }

  join(node: Node): void {
    this.#members.set(node.name, {
      node,
      pipe: new Pipe(this.#time, this.#weather, `bus to ${node.name}`),
      cut: false,
    })
  }

  leave(node: Node): void {
    this.#members.get(node.name)?.pipe.cut()
    this.#members.delete(node.name)
  }

  send(from: string, text: string): void {
    const sender = this.#members.get(from)
    // Still being started: nothing is lost that anybody knew of.
    if (sender?.cut) return
    const { kind } = JSON.parse(text) as { kind: string }
    for (const { node, pipe, cut } of this.#members.values())
      if (node.name !== from && !cut)
        pipe.send(`${kind} of ${from}`, () => void (this.#members.get(node.name)?.cut || node.receive(text)))
  }

  /** Cuts a node off, for so many virtual ms. `silently`: nothing that it has tells it so. */
  cut(node: Node, ms: number, { silently = false } = {}): void {
    const member = this.#members.get(node.name)
    if (!member || member.cut) return
    this.#time.note(`the bus loses ${node.name}${silently ? ' silently' : ''}`)
    member.cut = true
    this.#weather.busLosesUntil = Math.max(this.#weather.busLosesUntil, this.#time.elapsed + ms)
    this.#time.schedule(ms, `the bus has ${node.name} again`, () => {
      member.cut = false
      if (node.alive && !silently) node.onLoss()
    })
  }
}
