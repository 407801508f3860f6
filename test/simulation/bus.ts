/** The bus between nodes, as `server/nodes/cluster.ts` uses it: in order, and a node that was cut off hears afterwards that something is lost. */
import type { Node } from './node.ts'
import { Pipe, type Weather } from './network.ts'
import type { VirtualTime } from './virtual-time.ts'

interface Member {
  readonly node: Node
  readonly pipe: Pipe
  /** It is cut off: what it sends is lost, and so is what it is to hear. */
  cut: boolean
  lostOwn: boolean
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
      lostOwn: false,
    })
  }

  leave(node: Node): void {
    this.#members.get(node.name)?.pipe.cut()
    this.#members.delete(node.name)
  }

  send(from: string, text: string): void {
    const sender = this.#members.get(from)
    // Still being started: nothing is lost that anybody knew of.
    if (sender?.cut) return void (sender.lostOwn = true)
    const { kind } = JSON.parse(text) as { kind: string }
    for (const { node, pipe, cut } of this.#members.values())
      if (node.name !== from && !cut)
        pipe.send(`${kind} of ${from}`, () => void (this.#members.get(node.name)?.cut || node.receive(text)))
  }

  /** Cuts a node off, for so many virtual ms. */
  cut(node: Node, ms: number): void {
    const member = this.#members.get(node.name)
    if (!member || member.cut) return
    this.#time.note(`the bus loses ${node.name}`)
    member.cut = true
    this.#weather.clearFrom = Math.max(this.#weather.clearFrom, this.#time.elapsed + ms)
    this.#time.schedule(ms, `the bus has ${node.name} again`, () => {
      member.cut = false
      if (!node.alive) return
      if (member.lostOwn) node.tellLoss()
      member.lostOwn = false
      node.onLoss()
    })
  }
}
