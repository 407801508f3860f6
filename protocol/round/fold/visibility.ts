/** Which seats may see an entry. Only they get a view of it. */
import type { SeatOrNetwork, Seat } from '../../seat.ts'
import type { ControlAction } from '../model/action.ts'
import type { Effect } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'

/**
 * A seat sees its own acts, what arrives at its host, what its application and timers do, when the clock moves on, and the round's
 * controls. It sees nothing of what the other seat tries, asks or waits for.
 */
export function isVisibleTo(entry: Pick<Entry, 'actor' | 'action' | 'effects'>, seat: Seat): boolean {
  if (entry.actor === seat) return true
  if (entry.action.kind === 'control' && isControlVisibleTo(entry.action, seat)) return true
  return entry.effects.some((effect) => isEffectVisibleTo(effect, seat))
}

/** Whether a seat sees a control action. No host sees what is done to the wire. */
export function isControlVisibleTo(action: ControlAction, seat: SeatOrNetwork): boolean {
  switch (action.control) {
    case 'idle':
      return action.seat === seat
    case 'plant':
      return false
    case 'stop-wire':
    case 'free-wire':
      return seat === 'network'
    case 'takeover':
    case 'return':
      return seat !== 'network'
    default:
      return true
  }
}

function isEffectVisibleTo(effect: Effect, seat: Seat): boolean {
  switch (effect.kind) {
    case 'arrived':
      return effect.to === seat
    case 'called':
    case 'wrote':
      return effect.seat === seat && effect.by === 'exercise'
    case 'due':
      return effect.seat === seat
    case 'strangers':
    case 'asked':
    case 'withdrawn': // the clock has moved on
      return effect.seat === seat
    case 'seated': // both see who plays
    case 'fired':
    case 'overheard':
    case 'scene':
    case 'over':
      return true
    default:
      return false
  }
}
