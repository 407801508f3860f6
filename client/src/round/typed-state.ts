/** Finds the state that somebody types while the row of states has the focus. */
import { parseState } from '../../../protocol/notation.ts'
import { STATES, type State } from '../../../protocol/tcp/states.ts'

const toKey = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '')

/**
 * The state that `typed` spells or begins to spell, in any usual spelling (`syn-rcvd`, `fin wait 2`); null if none does. A single letter
 * goes to the next state that begins with it, after the chosen one.
 */
export function findTypedState(typed: string, chosen: State | ''): State | null {
  const key = toKey(typed)
  if (key === '') return null
  const matching = STATES.filter((state) => toKey(state).startsWith(key))
  if (key.length > 1) return parseState(typed) ?? matching[0] ?? null
  const after = matching.findIndex((state) => state === chosen) + 1
  return matching[after] ?? matching[0] ?? null
}

/** What has been typed without a pause of a second, as state names are. A new beginning is made where nothing matches. */
export class StateTyping {
  #typed = ''
  #at = -Infinity

  /** Adds a key, pressed at `time` (ms), and returns the state that is now spelled; null if none is. */
  press(key: string, time: number, chosen: State | ''): State | null {
    const going = time - this.#at < 1000 ? this.#typed : ''
    this.#at = time
    const found = findTypedState(going + key, chosen)
    this.#typed = found ? going + key : key
    return found ?? findTypedState(key, chosen)
  }
}
