/** The TCB of each side, field by field, and what a step changed in it. Pure. */
import type { Seat } from '../../../protocol/seat.ts'
import { formatNumber } from '../../../protocol/notation.ts'
import type { Timer } from '../../../protocol/tcp/tcb.ts'
import type { World } from '../../../protocol/round/model/world.ts'
import { notationOf } from '../../../protocol/round/fold/current-scene.ts'
import type { ReplayStep } from './replay-steps.ts'

/** `value` is null if the field has no value: there is no connection, or no SYN from the peer yet. */
export interface TcbField {
  readonly name: string
  readonly value: string | null
  readonly changed: boolean
}

/** The fields of a seat's TCB after a step. Nothing is `changed` in the first step. */
export function listTcbFields({ before, after }: ReplayStep, seat: Seat): TcbField[] {
  const old = before && formatTcb(before, seat)
  return Object.entries(formatTcb(after, seat)).map(([name, value]) => ({
    name,
    value,
    changed: old !== null && old[name] !== value,
  }))
}

/** Five variables of RFC 9293 3.3.1 by name, in the round's notation; null while they have no meaning. */
export function formatTcb(world: World, seat: Seat): { readonly [name: string]: string | null } {
  const { state, snd, rcv, irs } = world.hosts[seat].tcb
  const notation = notationOf(world)
  const written = (value: number, field: 'seq' | 'ack') => formatNumber(value, notation, field, seat)
  const exists = state !== 'CLOSED'
  return {
    'SND.UNA': exists ? written(snd.una, 'seq') : null,
    'SND.NXT': exists ? written(snd.nxt, 'seq') : null,
    'SND.WND': exists && irs !== null ? String(snd.wnd) : null,
    'RCV.NXT': exists && irs !== null ? written(rcv.nxt, 'ack') : null,
    'RCV.WND': exists ? String(rcv.wnd) : null,
  }
}

/** The timer that fires next, `at` in world ms; null if none is running. */
export function findNextTimer({ hosts }: World, seat: Seat): { readonly timer: Timer; readonly at: number } | null {
  const running = Object.entries(hosts[seat].timerDeadlines).map(([timer, at]) => ({ timer: timer as Timer, at }))
  return running.sort((a, b) => a.at - b.at)[0] ?? null
}
