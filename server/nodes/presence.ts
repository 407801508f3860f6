/**
 * A participant is present while at least one socket is connected, plus a short grace for reloads. Nodes announce joins and leaves, and
 * send full snapshots as heartbeats, which repairs lost messages and reveals dead nodes.
 */
import type { Cluster } from './cluster.ts'
import { after as realAfter, type After } from '../base/timer.ts'

export interface Presence {
  isPresent(participant: string): boolean
  /** How many of a session are present. */
  countPresent(session: string): number
  /** A socket has connected; what is returned is to be called once when it has gone. */
  connect(participant: string, session: string): () => void
  /** Hears of everybody who comes and goes, on whichever node. */
  onChange(listener: (participant: string, session: string) => void): void
  /** Stops without announcing departures: clients are about to reconnect to another node. */
  close(): void
}

/** Real ms. */
const LEAVE_GRACE_MS = 3_000
const HEARTBEAT_INTERVAL_MS = 5_000
/** A node that was silent so long has died. */
const NODE_TIMEOUT_MS = 16_000

export function createPresence({
  cluster,
  now,
  after = realAfter,
}: {
  cluster: Cluster
  now: () => Date
  after?: After
}): Presence {
  /** This node's own: sockets of each participant, or the end of their grace. */
  const localParticipants = new Map<string, { readonly session: string; sockets: number; cancelDeparture: (() => void) | null }>()
  /** Everybody who is present, with the nodes that they are connected to. */
  const participants = new Map<string, { readonly session: string; readonly nodes: Set<string> }>()
  const countsBySession = new Map<string, number>()
  const nodeLastSeenAt = new Map<string, number>()
  const listeners: ((participant: string, session: string) => void)[] = []

  const notifyChange = (participant: string, session: string, present: boolean) => {
    const count = (countsBySession.get(session) ?? 0) + (present ? 1 : -1)
    if (count > 0) countsBySession.set(session, count)
    else countsBySession.delete(session)
    for (const listener of listeners) listener(participant, session)
  }
  const add = (node: string, participant: string, session: string) => {
    const known = participants.get(participant)
    if (known) return void known.nodes.add(node)
    participants.set(participant, { session, nodes: new Set([node]) })
    notifyChange(participant, session, true)
  }
  const remove = (node: string, participant: string) => {
    const known = participants.get(participant)
    if (!known?.nodes.delete(node) || known.nodes.size > 0) return
    participants.delete(participant)
    notifyChange(participant, known.session, false)
  }

  const sendSnapshot = () =>
    cluster.sendToOthers('here', {
      node: cluster.node,
      participants: [...localParticipants].map(([id, { session }]) => [id, session]),
    })

  cluster.on('here', ({ node, participants: reported }) => {
    nodeLastSeenAt.set(node, now().getTime())
    const there = new Set(reported.map(([id]) => id))
    for (const [id, { nodes }] of [...participants]) if (nodes.has(node) && !there.has(id)) remove(node, id)
    for (const [id, session] of reported) add(node, id, session)
  })
  cluster.on('came', ({ node, participant, session }) => {
    nodeLastSeenAt.set(node, now().getTime())
    add(node, participant, session)
  })
  cluster.on('gone', ({ node, participant }) => remove(node, participant))
  cluster.on('who', sendSnapshot)
  const requestSnapshots = () => {
    sendSnapshot()
    cluster.sendToOthers('who', null)
  }
  cluster.onMessageLoss(requestSnapshots)

  let closed = false
  let cancelHeartbeat = () => {}
  if (cluster.distributed) {
    const sendHeartbeat = () => {
      sendSnapshot()
      for (const [node, at] of nodeLastSeenAt) {
        if (at > now().getTime() - NODE_TIMEOUT_MS) continue
        nodeLastSeenAt.delete(node)
        for (const id of [...participants.keys()]) remove(node, id)
      }
      cancelHeartbeat = after(HEARTBEAT_INTERVAL_MS, sendHeartbeat)
    }
    cancelHeartbeat = after(HEARTBEAT_INTERVAL_MS, sendHeartbeat)
    requestSnapshots()
  }

  return {
    isPresent: (participant) => participants.has(participant),
    countPresent: (session) => countsBySession.get(session) ?? 0,
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
    close() {
      cancelHeartbeat()
      closed = true
      for (const { cancelDeparture } of localParticipants.values()) cancelDeparture?.()
    },
  }
}
