/**
 * Messaging between nodes over Redis publish/subscribe. Messages may be lost: the log is the source of truth, so a loss only delays an
 * update.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import type { Tile } from '../../contract/answers.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { ConfigError } from '../base/config.ts'
import { newId } from '../base/ids.ts'

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
  /** Presence: all who are connected to the node, and each who comes or goes. */
  here: { readonly node: string; readonly participants: readonly (readonly [participant: string, session: string])[] }
  came: { readonly node: string; readonly participant: string; readonly session: string }
  gone: { readonly node: string; readonly participant: string }
  /** A new node asks everybody for `here`. */
  who: null
  /** Messages of the sender were lost. */
  lost: null
}
export type MessageKind = keyof NodeMessages

export interface Cluster {
  /** This node's name among them. */
  readonly node: string
  /** There may be others. */
  readonly distributed: boolean
  /** Sends to the other nodes; fire and forget. */
  sendToOthers<K extends MessageKind>(kind: K, body: NodeMessages[K]): void
  /** Tells the other nodes and this one. */
  publish<K extends MessageKind>(kind: K, body: NodeMessages[K]): void
  on<K extends MessageKind>(kind: K, listener: (body: NodeMessages[K]) => void): void
  /** Rejects where Redis does not answer; absent where there is none. */
  readonly ping?: () => Promise<unknown>
  /** Messages may have been lost: listeners read their data again. */
  onMessageLoss(listener: () => void): void
  close(): Promise<void>
}

/** A cluster over `send`, which hands a message to all other nodes; `receive` takes one that another node has sent, `gap` says that some were lost. */
export function createCluster({
  shared,
  send,
  stop,
}: {
  shared: boolean
  send: (text: string) => void
  stop: () => Promise<void>
}) {
  const node = newId()
  const listeners = new Map<string, ((body: never) => void)[]>()
  const lossListeners: (() => void)[] = []

  const dispatch = (kind: string, body: unknown) => {
    for (const listener of listeners.get(kind) ?? []) listener(body as never)
  }
  const sendToOthers = <K extends MessageKind>(kind: K, body: NodeMessages[K]) => {
    if (shared) send(JSON.stringify({ node, kind, body }))
  }
  const reportLoss = () => {
    for (const listener of lossListeners) listener()
  }
  const cluster: Cluster = {
    node,
    distributed: shared,
    sendToOthers,
    publish(kind, body) {
      dispatch(kind, body)
      sendToOthers(kind, body)
    },
    on(kind, listener) {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener])
    },
    onMessageLoss: (listener) => void lossListeners.push(listener),
    close: stop,
  }
  cluster.on('lost', reportLoss)
  return {
    cluster,
    gap: reportLoss,
    receive(text: string) {
      const message = JSON.parse(text) as { node: string; kind: string; body: unknown }
      if (message.node !== node) dispatch(message.kind, message.body)
    },
  }
}

/** A node alone. */
export const createLocalCluster = (): Cluster => createCluster({ shared: false, send: () => {}, stop: async () => {} }).cluster

const CHANNEL = 'handshake-classroom'
/** Real ms. */
const CLOSE_TIMEOUT_MS = 500

/**
 * Joins the nodes that share this Redis. Throws a `ConfigError` where it cannot be reached now; later it may go and come back.
 * `warn` is called with one line when it goes and with one when it is back.
 */
export async function joinCluster(url: string, warn: (line: string) => void): Promise<Cluster> {
  let joined = false
  // Nothing waits for Redis: what cannot be sent now is lost, and everybody hears of the loss later.
  const publisher = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 5_000, reconnectStrategy: (tries) => (joined ? Math.min(100 * 2 ** tries, 2_000) : false) },
  })
  const subscriber = publisher.duplicate({ disableOfflineQueue: false })

  let disconnected = false
  let lostMessages = false
  const { cluster, gap, receive } = createCluster({
    shared: true,
    send: (text) => {
      publisher.publish(CHANNEL, text).catch(() => {
        lostMessages = true
      })
    },
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
    if (lostMessages) cluster.sendToOthers('lost', null)
    lostMessages = false
  })
  subscriber.on('ready', () => {
    if (joined) gap()
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
