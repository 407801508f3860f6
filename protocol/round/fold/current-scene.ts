/** What applies in the scene that is being played: the scene itself, its rule set and its notation. */
import type { NotationContext } from '../../notation.ts'
import { getTcpRules, type TcpRules } from '../../tcp/rules.ts'
import type { ScriptScene } from '../model/script.ts'
import type { World } from '../model/world.ts'

/** The scene that is being played. */
export function sceneOf({ script, sceneIndex }: World): ScriptScene {
  const current = script.scenes[sceneIndex]
  if (!current) throw new Error(`${script.exercise} has no scene ${sceneIndex}`)
  return current
}

/** The network seat's part in the scene: what it may do, and its injections. Null if it has no part in the scene, or nobody plays it. */
export const networkPart = ({ script, sceneIndex }: Pick<World, 'script' | 'sceneIndex'>): ScriptScene['network'] | null =>
  (script.network && script.scenes[sceneIndex]?.network) || null

/** The TCP rule set of the current scene. */
export const rulesOf = (world: World): TcpRules => getTcpRules(sceneOf(world).rules)

/** The notation of sequence numbers in the current scene. */
export function notationOf(world: World): NotationContext {
  const { names, iss } = sceneOf(world)
  return { kind: world.script.notation, names, iss }
}

/** Whether both hosts send and answer segments by themselves, so that the seats play only what is above TCP. */
export const isOnAutopilot = ({ script }: Pick<World, 'script'>): boolean => script.tcp === 'autopilot'
