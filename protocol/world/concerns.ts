/** Which seats an entry concerns: those get a view of it, and no others. */
import type { Effect, Entry } from './action.ts'
import type { Seat } from './exercise.ts'

/**
 * A seat sees its own acts, what arrives at its host, what its application and timers do, when the clock moves on, and the round's
 * controls. It sees nothing of what the other seat tries, asks or waits for.
 */
export function concerns(entry: Pick<Entry, 'actor' | 'action' | 'effects'>, seat: Seat): boolean {
  if (entry.actor === seat) return true
  if (entry.action.type === 'control' && (entry.action.control !== 'idle' || entry.action.seat === seat)) return true
  return entry.effects.some((effect) => reaches(effect, seat))
}

function reaches(effect: Effect, seat: Seat): boolean {
  switch (effect.is) {
    case 'arrived':
      return effect.to === seat
    case 'called':
      return effect.seat === seat && effect.by === 'exercise'
    case 'due':
      return effect.seat === seat
    case 'strangers':
    case 'asked':
    case 'withdrawn': // the clock has moved on
      return effect.seat === seat
    case 'seated': // both see who plays
    case 'fired':
    case 'scene':
    case 'over':
      return true
    default:
      return false
  }
}
