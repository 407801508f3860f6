/** The course that events take once an act has been allowed: each effect is applied before the next is computed. */
import type { Effect } from '../model/effect.ts'
import { applyEffect } from '../fold/reducer.ts'
import type { TlsTools } from './tls-end.ts'
import type { World } from '../model/world.ts'

export class EffectRecorder {
  readonly effects: Effect[] = []
  #world: World | null
  /** What the milestones that are reached from here on become: the invigilator's deeds score nothing. */
  milestoneOutcome: 'met' | 'forfeited' = 'met'

  /** What TLS takes; nobody needs it where there is none. */
  readonly tlsTools: TlsTools | undefined

  constructor(world: World | null, tls?: TlsTools) {
    this.#world = world
    this.tlsTools = tls
  }

  get world(): World {
    if (!this.#world) throw new Error('the round has not begun')
    return this.#world
  }

  record(effect: Effect): void {
    this.#world = applyEffect(this.#world, effect)
    this.effects.push(effect)
  }
}
