/**
 * Reads entries that earlier versions have stored. Until 0.1.0 the discriminant of an effect was called `is`, that of an action `type`,
 * of a composed message `layer`, and of a host's task `act`. All of them are now called `kind`. Values and all other keys are the same.
 */
import type { Action } from './action.ts'
import type { Effect } from './effect.ts'
import type { Entry } from './entry.ts'

type Stored = { readonly [key: string]: unknown }

/** Converts an entry stored by any version to the current form. An entry already in the current form is returned unchanged. */
export function readStoredEntry(stored: Entry): Entry {
  if ('kind' in stored.action) return stored
  return { ...stored, action: readStoredAction(stored.action), effects: stored.effects.map(readStoredEffect) }
}

/** Converts an action stored by any version to the current form. */
export function readStoredAction<A extends Action>(stored: A): A {
  if ('kind' in stored) return stored
  const action = renameKey(stored, 'type')
  return (action.kind === 'write' ? withMessage(action) : action) as unknown as A
}

function readStoredEffect(stored: Effect): Effect {
  const effect = renameKey(stored as unknown as Stored, 'is')
  if (effect.kind !== 'hinted' || !effect.answer) return effect as unknown as Effect
  const answer = renameKey(effect.answer as Stored, 'act')
  return { ...effect, answer: answer.kind === 'write' ? withMessage(answer) : answer } as unknown as Effect
}

const withMessage = (stored: Stored): Stored => ({ ...stored, message: renameKey(stored.message as Stored, 'layer') })

function renameKey(stored: Stored, key: string): Stored {
  const { [key]: kind, ...rest } = stored
  return { kind, ...rest }
}
