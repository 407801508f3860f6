/**
 * Entries as earlier versions stored them. Until 0.1.0 the kind of an effect stood under `is`, of an action under `type`, of a composed
 * message under `layer`, and of a host's task under `act`; now all stand under `kind`. Values and all other keys are the same.
 */
import type { Action } from './action.ts'
import type { Effect } from './effect.ts'
import type { Entry } from './entry.ts'

type Stored = { readonly [key: string]: unknown }

/** An entry as any version has stored it, in today's form. One that is in today's form already is returned as it is. */
export function readStoredEntry(stored: Entry): Entry {
  if ('kind' in stored.action) return stored
  return { ...stored, action: readStoredAction(stored.action), effects: stored.effects.map(readStoredEffect) }
}

/** The same for an action alone. */
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
