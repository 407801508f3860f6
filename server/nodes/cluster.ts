/**
 * Messaging between nodes over Redis publish/subscribe. Messages may be lost: the log is the source of truth, so a loss only delays an
 * update. They are numbered, so that a loss is noticed: by the next one that comes, or by what its sender says in the database.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import type { Tile } from '../../contract/answers.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { ConfigError } from '../base/config.ts'
import { newId } from '../base/ids.ts'
import type { NodeTable } from './node-table.ts'

/** What nodes tell each other, by kind. */
export interface NodeMessages {
  /** A row that the node has written. */
  entry: Entry
  /** A session's tiles that changed by it. */
  tiles: { readonly session: string; readonly tiles: readonly Tile[] }
  /** Participants whose place has changed. */
  places: readonly string[]
  /** What a session is has changed, or who is in it, or these pairs of it. */
  session: string
  participants: string
  pairs: { readonly session: string; readonly pairs: readonly string[] }
  /** Presence: each who comes to the node, or goes. */
  came: { readonly node: string; readonly participant: string; readonly session: string }
  gone: { readonly node: string; readonly participant: string }
  /** Something that is limited for all nodes together has happened: the limit's name, and for whom it counts. */
  counted: string
  /** A teacher has signed out somewhere: whose cookie is still good connects again. */
  signedOut: string
}
export type MessageKind = keyof NodeMessages

export interface Cluster {
  /** This node's name among them. */
  readonly node: string
  /** There may be others. */
  readonly distributed: boolean
  /** What the nodes say of themselves; null for a node alone. */
  readonly table: NodeTable | null
  /** How many messages this node has sent. */
  readonly sentCount: number
  /** Sends to the other nodes; fire and forget. */
  sendToOthers<K extends MessageKind>(kind: K, body: NodeMessages[K]): void
  /** Tells the other nodes and this one. */
  publish<K extends MessageKind>(kind: K, body: NodeMessages[K]): void
  /** `listener` is also given the message's number among those of its sender. */
  on<K extends MessageKind>(kind: K, listener: (body: NodeMessages[K], number: number) => void): void
  /** Rejects where Redis does not answer; absent where there is none. */
  readonly ping?: () => Promise<unknown>
  /** Messages may have been lost: listeners read their data again. */
  onMessageLoss(listener: () => void): void
  reportLoss(): void
  /** A node has sent so many messages: reports a loss where they have not all come. */
  expectMessages(node: string, sentCount: number): void
  /** It has died. */
  forgetNode(node: string): void
  close(): Promise<void>
}

/** A cluster over `send`, which hands a message to all other nodes; `receive` takes one that another node has sent. `table` is null for a node alone. */
export function createCluster({
  table,
  send,
  stop,
}: {
  table: NodeTable | null
  send: (text: string) => void
  stop: () => Promise<void>
}) {
  const node = newId()
  const listeners = new Map<string, ((body: never, number: number) => void)[]>()
  const lossListeners: (() => void)[] = []
  let sentCount = 0
  /** The highest number of each node's messages that has come, or been given up. */
  const received = new Map<string, number>()

  const dispatch = (kind: string, body: unknown, number: number) => {
    for (const listener of listeners.get(kind) ?? []) listener(body as never, number)
  }
  const sendToOthers = <K extends MessageKind>(kind: K, body: NodeMessages[K]) => {
    if (table) send(JSON.stringify({ node, number: ++sentCount, kind, body }))
  }
  const expectMessages = (sender: string, count: number) => {
    if ((received.get(sender) ?? 0) >= count) return
    received.set(sender, count)
    cluster.reportLoss()
  }
  const cluster: Cluster = {
    node,
    distributed: table !== null,
    table,
    get sentCount() {
      return sentCount
    },
    sendToOthers,
    publish(kind, body) {
      dispatch(kind, body, sentCount + 1)
      sendToOthers(kind, body)
    },
    on(kind, listener) {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener])
    },
    onMessageLoss: (listener) => void lossListeners.push(listener),
    reportLoss() {
      for (const listener of lossListeners) listener()
    },
    expectMessages,
    forgetNode: (dead) => void received.delete(dead),
    close: stop,
  }
  return {
    cluster,
    receive(text: string) {
      const { node: sender, number, kind, body } = JSON.parse(text) as { node: string; number: number; kind: string; body: unknown }
      if (sender === node) return
      expectMessages(sender, number - 1)
      received.set(sender, Math.max(number, received.get(sender) ?? 0))
      dispatch(kind, body, number)
    },
  }
}

/** A node alone. */
export const createLocalCluster = (): Cluster => createCluster({ table: null, send: () => {}, stop: async () => {} }).cluster

const CHANNEL = 'handshake-classroom'
/** Real ms. */
const CLOSE_TIMEOUT_MS = 500

/**
 * Joins the nodes that share this Redis. Throws a `ConfigError` where it cannot be reached now; later it may go and come back.
 * `warn` is called with one line when it goes and with one when it is back.
 */
export async function joinCluster(url: string, table: NodeTable, warn: (line: string) => void): Promise<Cluster> {
  let joined = false
  // Nothing waits for Redis: what cannot be sent now is lost, and everybody finds that out.
  const publisher = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 5_000, reconnectStrategy: (tries) => (joined ? Math.min(100 * 2 ** tries, 2_000) : false) },
  })
  const subscriber = publisher.duplicate({ disableOfflineQueue: false })

  let disconnected = false
  const { cluster, receive } = createCluster({
    table,
    send: (text) => void publisher.publish(CHANNEL, text).catch(() => {}),
    stop: async () => {
      joined = false
      // Messages already queued are sent first, if Redis is up.
      await Promise.race([publisher.close().catch(() => {}), delay(CLOSE_TIMEOUT_MS)])
      for (const client of [subscriber, publisher]) if (client.isOpen) client.destroy()
    },
  })

  publisher.on('error', (error: Error) => {
    if (joined && !disconnected)
      warn(`Redis is away (${error.message || error.name}): nodes hear of each other again once it is back.`)
    disconnected = true
  })
  subscriber.on('error', () => {}) // the publisher has told of it
  publisher.on('ready', () => {
    if (joined && disconnected) warn('Redis is back.')
    disconnected = false
  })
  subscriber.on('ready', () => {
    if (joined) cluster.reportLoss()
  })

  try {
    await Promise.all([publisher.connect(), subscriber.connect()])
    await subscriber.subscribe(CHANNEL, receive)
  } catch (error) {
    for (const client of [subscriber, publisher]) if (client.isOpen) client.destroy()
    // The address is not repeated: it may hold a password.
    throw new ConfigError(`The Redis that REDIS_URL names cannot be reached: ${(error as Error).message || (error as Error).name}`)
  }
  joined = true
  return { ...cluster, ping: () => publisher.ping() }
}
