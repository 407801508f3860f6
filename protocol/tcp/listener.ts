/** A listener that serves several remote hosts: the connections that SYNs make of it, and its backlog. */
import type { Segment } from '../segment.ts'
import { nextSegment } from './due-segment.ts'
import { maySend } from './may-send.ts'
import type { TcpRules } from './rules.ts'
import { processArrival } from './segment-arrives.ts'
import type { State } from './states.ts'
import { createTcb, returnToListen, type Tcb } from './tcb.ts'

/** What a listening TCP answers by itself: the TCB that belongs to the sender from then on, and the reply. */
export interface ListenerAnswer {
  readonly tcb: Tcb
  readonly reply: Segment
}

/**
 * What a segment from a host that the listener does not know yet leads to. Null if it is not answered. A SYN gives a connection of its own,
 * with the initial sequence number `iss` and a receive buffer of `bufferOctets`; anything else at most a RST, and a TCB in LISTEN.
 */
export function answerInListen(iss: number, bufferOctets: number, segment: Segment, rules: TcpRules): ListenerAnswer | null {
  const { tcb } = processArrival(returnToListen(createTcb(iss, bufferOctets)), segment, rules)
  const reply = nextSegment(tcb)
  if (!reply) return null
  const permission = maySend(tcb, reply, { rules, calls: 'given' })
  return permission.ok ? { tcb: permission.tcb, reply } : null
}

/** Whether there is no place left for another connection. Only half-open ones count: those that are established have left the backlog. */
export const isBacklogFull = (connections: readonly { readonly state: State }[], places: number): boolean =>
  connections.filter(({ state }) => state === 'SYN-RECEIVED').length >= places
