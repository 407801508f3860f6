/** Removes TLS secrets from log entries, for readers of the log other than their seat. These get no secrets until the round is over. */
import type { Action } from '../model/action.ts'
import type { Effect, EndpointChange } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'
import type { Script } from '../model/script.ts'

/** The entry without anything from which keys could be derived. It can still be folded, since the reducer does not compute keys. */
export const redactSecrets = (entry: Entry): Entry => ({
  ...entry,
  action: redactSeeds(entry.action),
  effects: entry.effects.map(redactEffect),
})

const redactSeeds = (action: Action): Action =>
  action.kind === 'control' && action.control === 'start' ? { ...action, script: redactScript(action.script) } : action

const redactScript = (script: Script): Script => ({
  ...script,
  scenes: script.scenes.map((scene) => (scene.tls ? { ...scene, tls: { ...scene.tls, seed: '' } } : scene)),
})

function redactEffect(effect: Effect): Effect {
  if (effect.kind === 'begun') return { ...effect, script: redactScript(effect.script) }
  if (effect.kind === 'tls') return redactChange(effect)
  if (effect.kind !== 'relayed' || !effect.facing) return effect
  const { client, server } = effect.facing
  return { ...effect, facing: { client: redactChange(client), server: redactChange(server) } }
}

function redactChange<C extends EndpointChange>(change: C): C {
  const { secrets: _secrets, writes: _writes, reads: _reads, ...set } = change.set
  return { ...change, set }
}
