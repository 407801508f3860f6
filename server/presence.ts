/**
 * Who is connected, to any node. A participant is present while some socket of theirs is; a short absence, such as a reload, is none.
 * Each node tells the others who comes and goes, and from time to time all who are there, so that what was lost is mended and
 * a node that has died is noticed.
 */
import type { Cluster } from './cluster.ts'
import { after as realAfter, type After } from './timer.ts'

export interface Presence {
  present(participant: string): boolean
  /** How many of a session are present. */
  count(session: string): number
  /** A socket has connected; what is returned is to be called once when it has gone. */
  join(participant: string, session: string): () => void
  /** Hears of everybody who comes and goes, on whichever node. */
  onChange(listener: (participant: string, session: string) => void): void
  /** Tells nobody: those who were connected to this node are about to connect to another one. */
  close(): void
}

/** Real ms. */
const GRACE = 3_000
const BEAT_EVERY = 5_000
/** A node that was silent so long has died. */
const SILENT = 16_000

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
  const own = new Map<string, { readonly session: string; sockets: number; callOff: (() => void) | null }>()
  /** Everybody who is present, with the nodes that they are connected to. */
  const all = new Map<string, { readonly session: string; readonly nodes: Set<string> }>()
  const counts = new Map<string, number>()
  const heardAt = new Map<string, number>()
  const listeners: ((participant: string, session: string) => void)[] = []

  const changed = (participant: string, session: string, present: boolean) => {
    const count = (counts.get(session) ?? 0) + (present ? 1 : -1)
    if (count > 0) counts.set(session, count)
    else counts.delete(session)
    for (const listener of listeners) listener(participant, session)
  }
  const add = (node: string, participant: string, session: string) => {
    const known = all.get(participant)
    if (known) return void known.nodes.add(node)
    all.set(participant, { session, nodes: new Set([node]) })
    changed(participant, session, true)
  }
  const remove = (node: string, participant: string) => {
    const known = all.get(participant)
    if (!known?.nodes.delete(node) || known.nodes.size > 0) return
    all.delete(participant)
    changed(participant, known.session, false)
  }

  const beat = () => cluster.tell('here', { node: cluster.node, participants: [...own].map(([id, { session }]) => [id, session]) })

  cluster.on('here', ({ node, participants }) => {
    heardAt.set(node, now().getTime())
    const there = new Set(participants.map(([id]) => id))
    for (const [id, { nodes }] of [...all]) if (nodes.has(node) && !there.has(id)) remove(node, id)
    for (const [id, session] of participants) add(node, id, session)
  })
  cluster.on('came', ({ node, participant, session }) => {
    heardAt.set(node, now().getTime())
    add(node, participant, session)
  })
  cluster.on('gone', ({ node, participant }) => remove(node, participant))
  cluster.on('who', beat)
  const ask = () => {
    beat()
    cluster.tell('who', null)
  }
  cluster.onGap(ask)

  let closed = false
  let callOffBeat = () => {}
  if (cluster.shared) {
    const keepBeating = () => {
      beat()
      for (const [node, at] of heardAt) {
        if (at > now().getTime() - SILENT) continue
        heardAt.delete(node)
        for (const id of [...all.keys()]) remove(node, id)
      }
      callOffBeat = after(BEAT_EVERY, keepBeating)
    }
    callOffBeat = after(BEAT_EVERY, keepBeating)
    ask()
  }

  return {
    present: (participant) => all.has(participant),
    count: (session) => counts.get(session) ?? 0,
    join(participant, session) {
      const known = own.get(participant)
      const mine = known ?? { session, sockets: 0, callOff: null }
      mine.sockets++
      mine.callOff?.()
      mine.callOff = null
      if (!known) {
        own.set(participant, mine)
        cluster.tell('came', { node: cluster.node, participant, session })
        add(cluster.node, participant, session)
      }
      return () => {
        if (--mine.sockets > 0 || closed) return
        mine.callOff = after(GRACE, () => {
          own.delete(participant)
          cluster.tell('gone', { node: cluster.node, participant })
          remove(cluster.node, participant)
        })
      }
    },
    onChange: (listener) => void listeners.push(listener),
    close() {
      callOffBeat()
      closed = true
      for (const { callOff } of own.values()) callOff?.()
    },
  }
}
