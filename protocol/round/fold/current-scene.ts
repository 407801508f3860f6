/** What holds in the scene that is being played. */
import type { NotationContext } from '../../notation.ts'
import { getTcpRules, type TcpRules } from '../../tcp/rules.ts'
import type { ScriptScene } from '../model/script.ts'
import type { World } from '../model/world.ts'

export function sceneOf({ script, sceneIndex }: World): ScriptScene {
  const current = script.scenes[sceneIndex]
  if (!current) throw new Error(`${script.exercise} has no scene ${sceneIndex}`)
  return current
}

/** The part that the network seat has in the scene; null where it has none, or nobody plays it. */
export const networkPart = ({ script, sceneIndex }: Pick<World, 'script' | 'sceneIndex'>): ScriptScene['network'] | null =>
  (script.network && script.scenes[sceneIndex]?.network) || null

export const rulesOf = (world: World): TcpRules => getTcpRules(sceneOf(world).rules)

export function notationOf(world: World): NotationContext {
  const { names, iss } = sceneOf(world)
  return { kind: world.script.notation, names, iss }
}
