/** Determines which seats may see an entry. Only these receive a view of it. */
import type { SeatOrNetwork, Seat } from '../../seat.ts'
import type { ControlAction } from '../model/action.ts'
import type { Effect } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'

/**
 * Whether a seat sees an entry. It sees its own acts, arrivals at its host, what its application and the timers do, that the clock advances,
 * and the round's control actions. It sees nothing of the other seat's attempts, hints and waits.
 */
export function isVisibleTo(entry: Pick<Entry, 'actor' | 'action' | 'effects'>, seat: Seat): boolean {
  if (entry.actor === seat) return true
  if (entry.action.kind === 'control' && isControlVisibleTo(entry.action, seat)) return true
  return entry.effects.some((effect) => isEffectVisibleTo(effect, seat))
}

/** Whether a seat sees a control action. Control actions on the wire are visible only to the network seat. */
export function isControlVisibleTo(action: ControlAction, seat: SeatOrNetwork): boolean {
  switch (action.control) {
    case 'idle':
    case 'hint':
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
    case 'withdrawn': // the seat's wait has ended, for example because the clock has advanced
      return effect.seat === seat
    case 'seated': // both seats see who plays
    case 'fired':
    case 'overheard':
    case 'scene':
    case 'discussed':
    case 'over':
      return true
    default:
      return false
  }
}
