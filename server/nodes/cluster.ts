/**
 * Messaging between nodes over Redis publish/subscribe. Messages may be lost: the log is the source of truth, so a loss only
 * delays an update. They are numbered, so that a receiver detects a loss: from the next message, or from the count that the
 * sender keeps in the database.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import type { Tile } from '../../contract/answers.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { ConfigError } from '../base/config.ts'
import { newId } from '../base/ids.ts'
import type { NodeTable } from './node-table.ts'

/** The messages between nodes, by kind. The kinds stay as they are: nodes of two releases may share one Redis. */
export interface NodeMessages {
  /** An entry that the sender has written to the log. */
  entry: Entry
  /** Tiles of a session that have changed. */
  tiles: { readonly session: string; readonly tiles: readonly Tile[] }
  /** Participants whose place has changed. */
  places: readonly string[]
  /** Ids of sessions that have changed: the session itself, its participants, or some of its pairs. */
  session: string
  participants: string
  pairs: { readonly session: string; readonly pairs: readonly string[] }
  /** Id of a session whose class activity has new entries. */
  activity: string
  /** Presence: a participant has connected to the node, or disconnected from it. */
  came: { readonly node: string; readonly participant: string; readonly session: string }
  gone: { readonly node: string; readonly participant: string }
  /** Something that is limited for all nodes together has happened: the limit's name, and for whom it counts. */
  counted: string
  /**
   * Id of a teacher who has signed out somewhere: their sockets are disconnected, and those with a valid cookie connect again.
   */
  signedOut: string
}
export type MessageKind = keyof NodeMessages

/** The connection of one node to the others. */
export interface Cluster {
  /** This node's id. */
  readonly node: string
  /** Whether there may be other nodes. */
  readonly distributed: boolean
  /** The rows in which nodes report about themselves; null for a single node. */
  readonly table: NodeTable | null
  /** Number of messages that this node has sent. */
  countSent(): number
  /** Sends a message to the other nodes, without confirmation. */
  sendToOthers<K extends MessageKind>(kind: K, body: NodeMessages[K]): void
  /** Sends a message to all nodes, including this one. */
  publish<K extends MessageKind>(kind: K, body: NodeMessages[K]): void
  /** Subscribes to a kind of message. `number`: the message's sequence number among those of its sender, from 1. */
  on<K extends MessageKind>(kind: K, listener: (body: NodeMessages[K], number: number) => void): void
  /** Rejects if Redis does not answer. Absent without Redis. */
  readonly ping?: () => Promise<unknown>
  /** Subscribes to possible losses of messages: listeners read their data again. */
  onMessageLoss(listener: () => void): void
  /** Calls the listeners of `onMessageLoss`. */
  reportLoss(): void
  /**
   * Another node has sent `sentCount` messages so far, says the database: reports a loss unless all of them have arrived. When that
   * has happened several times in a row, the operator is told.
   */
  expectMessages(node: string, sentCount: number): void
  /** Forgets the message count of a node that has died. */
  forgetNode(node: string): void
  close(): Promise<void>
}

/** After so many reports in a row whose messages have not arrived, the operator is told. One alone may only be slow. */
const MAX_UNDELIVERED_REPORTS = 2

/**
 * A cluster over any transport. `send` transmits a message to all other nodes; the caller passes each message of another node to
 * `receive`. `table` is null for a single node. `warn` is called with one line when messages no longer arrive although the transport
 * `isConnected`, and with another once they do.
 */
export function createCluster({
  table,
  send,
  stop,
  warn = () => {},
  isConnected = () => true,
}: {
  table: NodeTable | null
  send: (text: string) => void
  stop: () => Promise<void>
  warn?: (line: string) => void
  isConnected?: () => boolean
}) {
  const node = newId()
  const listeners = new Map<string, ((body: never, number: number) => void)[]>()
  const lossListeners: (() => void)[] = []
  let sentCount = 0
  /** By node: the highest message number that has arrived or has been reported as lost. */
  const received = new Map<string, number>()

  const dispatch = (kind: string, body: unknown, number: number) => {
    for (const listener of listeners.get(kind) ?? []) listener(body as never, number)
  }
  const sendToOthers = <K extends MessageKind>(kind: K, body: NodeMessages[K]) => {
    if (table) send(JSON.stringify({ node, number: ++sentCount, kind, body }))
  }
  /** By node: the highest message count that it has reported in the database. */
  const reported = new Map<string, number>()
  let undelivered = 0

  /** Returns whether all of them have arrived. */
  const detectLoss = (sender: string, count: number): boolean => {
    if ((received.get(sender) ?? 0) >= count) return true
    received.set(sender, count)
    cluster.reportLoss()
    return false
  }
  const expectMessages = (sender: string, count: number) => {
    const isComplete = detectLoss(sender, count)
    const before = reported.get(sender)
    reported.set(sender, count)
    // What was sent before this node had joined could not arrive. While the transport is away, that has been told.
    if (before === undefined || before === count || !isConnected()) return
    if (!isComplete && ++undelivered === MAX_UNDELIVERED_REPORTS)
      warn('Redis is connected, but what nodes tell each other does not arrive: they learn it from the database, seconds later.')
    if (!isComplete) return
    if (undelivered >= MAX_UNDELIVERED_REPORTS) warn('What nodes tell each other arrives again.')
    undelivered = 0
  }
  const cluster: Cluster = {
    node,
    distributed: table !== null,
    table,
    countSent: () => sentCount,
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
    forgetNode(dead) {
      received.delete(dead)
      reported.delete(dead)
    },
    close: stop,
  }
  return {
    cluster,
    receive(text: string) {
      const { node: sender, number, kind, body } = JSON.parse(text) as { node: string; number: number; kind: string; body: unknown }
      if (sender === node) return
      detectLoss(sender, number - 1)
      received.set(sender, Math.max(number, received.get(sender) ?? 0))
      dispatch(kind, body, number)
    },
  }
}

/** The cluster of a single node. */
export const createLocalCluster = (): Cluster => createCluster({ table: null, send: () => {}, stop: async () => {} }).cluster

const CHANNEL = 'handshake-classroom'
/** Real ms for which closing waits for queued messages. */
const CLOSE_TIMEOUT_MS = 500

/**
 * Joins the nodes that share this Redis. Throws a `ConfigError` if it cannot be reached now. If the connection is lost later, it is
 * restored automatically; `warn` is called with one line each time it is lost and each time it is restored.
 */
export async function joinCluster(url: string, table: NodeTable, warn: (line: string) => void): Promise<Cluster> {
  let joined = false
  // Nothing waits for Redis: a message that cannot be sent now is lost, and receivers detect the loss.
  const publisher = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 5_000, reconnectStrategy: (tries) => (joined ? Math.min(100 * 2 ** tries, 2_000) : false) },
  })
  const subscriber = publisher.duplicate({ disableOfflineQueue: false })

  let disconnected = false
  const { cluster, receive } = createCluster({
    table,
    warn,
    isConnected: () => !disconnected,
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
  subscriber.on('error', () => {}) // the publisher reports it
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
    // The message does not repeat the URL: it may contain a password.
    throw new ConfigError(`The Redis that REDIS_URL names cannot be reached: ${(error as Error).message || (error as Error).name}`)
  }
  joined = true
  return { ...cluster, ping: () => publisher.ping() }
}
