/**
 * A participant is present while at least one socket is connected, plus a short grace for reloads. Nodes announce joins and leaves, and
 * report in the database who is connected to them, which repairs lost messages and reveals dead nodes.
 */
import type { Cluster } from './cluster.ts'
import { startHeartbeat } from './heartbeat.ts'
import { after as realAfter, type After } from '../base/timer.ts'

/** Who is present, on any node. */
export interface Presence {
  isPresent(participant: string): boolean
  /**
   * Asks the database who is connected to the other nodes, so that `isPresent` is right even if their messages were lost. Rejects if
   * the database is unavailable.
   */
  refresh(): Promise<void>
  /** Call when a socket connects; call the returned function once when it disconnects. */
  connect(participant: string, session: string): () => void
  /** Subscribes to participants who become present or absent, on any node. */
  onChange(listener: (participant: string, session: string) => void): void
  /** Subscribes to the death of nodes, which may leave work undone. `listener` receives the participants connected to this node. */
  onNodeDeath(listener: (participants: readonly string[]) => void): void
  /** Stops without announcing departures: clients are about to reconnect to another node. */
  close(): void
}

/** Real ms for which a participant stays present without a socket: enough to reload the page. */
const LEAVE_GRACE_MS = 3_000

/** Tracks presence on this node and on the others of the cluster. */
export function createPresence({
  cluster,
  now,
  after = realAfter,
}: {
  cluster: Cluster
  now: () => Date
  after?: After
}): Presence {
  /** Participants connected to this node: their number of sockets; with 0 sockets, `cancelDeparture` cancels the end of the grace. */
  const localParticipants = new Map<string, { readonly session: string; sockets: number; cancelDeparture: (() => void) | null }>()
  /** Everyone who is present, and the nodes that they are connected to. */
  const participants = new Map<string, { readonly session: string; readonly nodes: Set<string> }>()
  /** By node: the number of its last message `came` or `gone`. */
  const lastMessage = new Map<string, number>()
  const listeners: ((participant: string, session: string) => void)[] = []
  const deathListeners: ((participants: readonly string[]) => void)[] = []

  const notifyChange = (participant: string, session: string) => {
    for (const listener of listeners) listener(participant, session)
  }
  const add = (node: string, participant: string, session: string) => {
    const known = participants.get(participant)
    if (known) return void known.nodes.add(node)
    participants.set(participant, { session, nodes: new Set([node]) })
    notifyChange(participant, session)
  }
  const remove = (node: string, participant: string) => {
    const known = participants.get(participant)
    if (!known?.nodes.delete(node) || known.nodes.size > 0) return
    participants.delete(participant)
    notifyChange(participant, known.session)
  }

  const setParticipants = (node: string, reported: readonly (readonly [participant: string, session: string])[]) => {
    const there = new Set(reported.map(([id]) => id))
    for (const [id, { nodes }] of [...participants]) if (nodes.has(node) && !there.has(id)) remove(node, id)
    for (const [id, session] of reported) add(node, id, session)
  }

  cluster.on('came', ({ node, participant, session }, number) => {
    lastMessage.set(node, number)
    add(node, participant, session)
  })
  cluster.on('gone', ({ node, participant }, number) => {
    lastMessage.set(node, number)
    remove(node, participant)
  })
  let closed = false
  const heartbeat = startHeartbeat({
    cluster,
    now,
    after,
    readParticipants: () => [...localParticipants].map(([id, { session }]) => [id, session]),
    onReport({ node, sentCount, participants: reported }) {
      // Ignore a report that is older than the last message of the node.
      if (sentCount >= (lastMessage.get(node) ?? 0)) setParticipants(node, reported)
    },
    onDeath(node) {
      lastMessage.delete(node)
      setParticipants(node, [])
      for (const listener of deathListeners) listener([...localParticipants.keys()])
    },
  })

  return {
    isPresent: (participant) => participants.has(participant),
    refresh: heartbeat.refresh,
    connect(participant, session) {
      const known = localParticipants.get(participant)
      const local = known ?? { session, sockets: 0, cancelDeparture: null }
      local.sockets++
      local.cancelDeparture?.()
      local.cancelDeparture = null
      if (!known) {
        localParticipants.set(participant, local)
        cluster.sendToOthers('came', { node: cluster.node, participant, session })
        add(cluster.node, participant, session)
      }
      return () => {
        if (--local.sockets > 0 || closed) return
        local.cancelDeparture = after(LEAVE_GRACE_MS, () => {
          localParticipants.delete(participant)
          cluster.sendToOthers('gone', { node: cluster.node, participant })
          remove(cluster.node, participant)
        })
      }
    },
    onChange: (listener) => void listeners.push(listener),
    onNodeDeath: (listener) => void deathListeners.push(listener),
    close() {
      heartbeat.stop()
      closed = true
      for (const { cancelDeparture } of localParticipants.values()) cancelDeparture?.()
    },
  }
}
