/**
 * A connection between a student's page and a node with Socket.IO's behaviour: replies to requests, and events that were not
 * requested.
 */
import type { Socket } from '../../client/src/lib/socket.ts'
import type { Failure } from '../../contract/answers.ts'
import type { Place } from '../../contract/places.ts'
import type { SeatOrNetwork } from '../../protocol/seat.ts'
import type { SeatAction, WireAction } from '../../protocol/round/model/action.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import type { ViewUpdate } from '../../protocol/round/view/view-update.ts'
import type { WireView } from '../../protocol/round/view/wire-view.ts'
import { Pipe, type Weather } from './network.ts'
import type { VirtualTime } from './virtual-time.ts'

export type View = PlayerView | WireView
export type Request =
  | { readonly event: 'resume'; readonly body: { readonly round: string; readonly seat: SeatOrNetwork; readonly from: number } }
  | {
      readonly event: 'act'
      readonly body: {
        readonly round: string
        readonly seat: SeatOrNetwork
        readonly id: string
        readonly seen: number
        readonly action: SeatAction | WireAction
      }
    }
export type Reply = { readonly ok: true; readonly views: readonly ViewUpdate<View>[] } | Failure

/** The node's end. */
export interface ServerEnd {
  readonly id: string
  readonly participant: string
  /** Virtual ms at which the node accepted the connection; infinite before. */
  since: number
  place: Place | null
  placeVersion: number
  sendPlace(place: Place): void
  sendView(round: string, view: ViewUpdate<View>): void
  onClosed(listener: () => void): void
  cut(): void
}

interface ClientEvents {
  readonly onPlace: (place: Place) => void
  readonly onView: (round: string, view: ViewUpdate<View>) => void
  readonly onConnect: () => void
  readonly onDisconnect: () => void
}

/** Virtual ms, as in the product's client. */
const REPLY_TIMEOUT_MS = 10_000
const RECONNECT_MS = [500, 4_000] as const
/** The time until an end notices that the other end has gone. */
const NOTICE_MS = [0, 5_000] as const

let connections = 0

/** A node from the point of view of a connection. */
export interface Host {
  readonly name: string
  readonly alive: boolean
  readonly accepts: boolean
  readonly connections: ReadonlySet<ServerEnd>
  connect(connection: ServerEnd): void
  answer(connection: ServerEnd, request: Request): Promise<Reply>
}

/** The page's end. It reconnects by itself, to any node that accepts connections. */
export class ClientEnd {
  connected = false
  /** The node that it is connected to. */
  node: Host | null = null
  readonly #deps: { readonly time: VirtualTime; readonly weather: Weather; readonly pickNode: () => Host | null }
  readonly #participant: string
  readonly #events: ClientEvents
  #connection: { readonly cut: () => void; readonly request: (request: Request, answer: (reply: Reply) => void) => void } | null =
    null
  /** Resolvers of the replies that are awaited. */
  readonly #waiting = new Set<(reply: Reply) => void>()
  #wanted = false

  constructor(
    deps: { readonly time: VirtualTime; readonly weather: Weather; readonly pickNode: () => Host | null },
    participant: string,
    events: ClientEvents,
  ) {
    this.#deps = deps
    this.#participant = participant
    this.#events = events
  }

  /** The part of a socket that the product's feed uses: whether it is connected, and a listener for disconnection. */
  asSocket(onDisconnect: (listener: () => void) => void): Pick<Socket, 'connected' | 'on' | 'off'> {
    const isConnected = () => this.connected
    const socket = {
      get connected() {
        return isConnected()
      },
      on: (_event: 'disconnect', listener: () => void) => onDisconnect(listener),
    }
    return socket as unknown as Socket
  }

  connect(): void {
    if (this.#wanted) return
    this.#wanted = true
    this.#dial()
  }

  /** Disconnects without reconnecting. */
  leave(): void {
    this.#wanted = false
    this.cut()
  }

  /** The network breaks the connection. */
  cut(): void {
    this.#connection?.cut()
  }

  request(request: Request): Promise<Reply> {
    return new Promise((resolve) => {
      const settle = (reply: Reply) => {
        if (!this.#waiting.delete(settle)) return
        stopTimer()
        resolve(reply)
      }
      this.#waiting.add(settle)
      const stopTimer = this.#deps.time.schedule(REPLY_TIMEOUT_MS, `${this.#participant} has no answer`, () => settle(UNAVAILABLE))
      if (this.#connection) this.#connection.request(request, settle)
      else settle(UNAVAILABLE)
    })
  }

  #dial(): void {
    const { time, weather, pickNode } = this.#deps
    const again = () =>
      time.schedule(time.between(RECONNECT_MS), `${this.#participant} dials`, () => void (this.#wanted && this.#dial()))
    const node = this.connected ? null : pickNode()
    if (!node) return void (this.connected || again())

    const name = `${this.#participant}–${node.name}`
    const [up, down] = [new Pipe(time, weather, `to ${name}`), new Pipe(time, weather, `from ${name}`)]
    let closed: (() => void) | null = null
    let open = true
    const server: ServerEnd = {
      id: `connection-${++connections}`,
      participant: this.#participant,
      since: Infinity,
      place: null,
      placeVersion: 0,
      sendPlace: (place) => {
        server.place = place
        down.send('place', () => this.#events.onPlace(place))
      },
      sendView: (round, view) => down.send(`view ${view.n}`, () => this.#events.onView(round, view)),
      onClosed: (listener) => void (closed = listener),
      cut: () => cut(),
    }
    const cut = () => {
      if (!open) return
      open = false
      up.cut()
      down.cut()
      time.schedule(time.between(NOTICE_MS), `${name}: node notices`, () => closed?.())
      time.schedule(this.#wanted ? time.between(NOTICE_MS) : 0, `${name}: page notices`, () => {
        this.connected = false
        this.node = null
        this.#connection = null
        for (const settle of [...this.#waiting]) settle(UNAVAILABLE)
        this.#events.onDisconnect()
        if (this.#wanted) again()
      })
    }
    this.#connection = {
      cut,
      request: (request, answer) =>
        up.send(request.event, () => {
          if (!node.alive) return cut()
          void node
            .answer(server, request)
            .then((reply) => down.send(`${request.event} ${reply.ok ? 'ok' : reply.error}`, () => answer(reply)))
        }),
    }
    // If the node has crashed meanwhile, messages to it are discarded.
    this.connected = true
    this.node = node
    if (!node.accepts) return cut()
    this.#events.onConnect()
    up.send('connects', () => {
      if (!node.accepts) cut()
      else if (open && !node.connections.has(server)) node.connect(server)
    })
  }
}

const UNAVAILABLE: Failure = { ok: false, error: 'unavailable' }
