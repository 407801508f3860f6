/** Secrets of TLS belong to their seat until the round is over: whoever follows a log before that receives it without them. */
import type { Action, Effect, Entry } from './action.ts'
import type { Script } from './script.ts'

/** The entry with nothing in it from which keys could be made. It folds all the same, since the reducer computes none. */
export const withoutSecrets = (entry: Entry): Entry => ({
  ...entry,
  action: withoutSeeds(entry.action),
  effects: entry.effects.map(bared),
})

const withoutSeeds = (action: Action): Action =>
  action.type === 'control' && action.control === 'start' ? { ...action, script: seedless(action.script) } : action

const seedless = (script: Script): Script => ({
  ...script,
  scenes: script.scenes.map((scene) => (scene.tls ? { ...scene, tls: { ...scene.tls, seed: '' } } : scene)),
})

function bared(effect: Effect): Effect {
  if (effect.is === 'begun') return { ...effect, script: seedless(effect.script) }
  if (effect.is !== 'tls') return effect
  const { secrets: _secrets, writes: _writes, reads: _reads, ...set } = effect.set
  return { ...effect, set }
}
