/**
 * The bus between nodes, with the guarantees that `server/nodes/cluster.ts` expects: messages arrive in order. A node whose
 * connection has broken is told afterwards that messages were lost; a silent loss is reported to nobody.
 */
import type { Node } from './node.ts'
import { Pipe, type Weather } from './network.ts'
import type { VirtualTime } from './virtual-time.ts'

interface Member {
  readonly node: Node
  readonly pipe: Pipe
  /** Whether the node is cut off: messages from it and to it are lost. */
  cut: boolean
}

/** Connects the nodes of a simulation. */
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
    // A node that is still being started is not a member yet, and cannot be cut off.
    if (sender?.cut) return
    const { kind } = JSON.parse(text) as { kind: string }
    for (const { node, pipe, cut } of this.#members.values())
      if (node.name !== from && !cut)
        pipe.send(`${kind} of ${from}`, () => void (this.#members.get(node.name)?.cut || node.receive(text)))
  }

  /** Cuts a node off for `ms` virtual ms. `silently`: the node is not told afterwards that messages were lost. */
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
