/** Records the effects of an action. Each effect is applied to the world before the next one is computed. */
import { applyEffect } from '../fold/reducer.ts'
import { type Moment, toMoment } from '../fold/timeline.ts'
import type { Effect } from '../model/effect.ts'
import type { World } from '../model/world.ts'
import type { TlsTools } from './tls-end.ts'

export class EffectRecorder {
  readonly moments: Moment[] = []
  /** Required for scenes with TLS. */
  readonly tlsTools: TlsTools | undefined
  /**
   * Who plays for the acting seat from now on. `invigilator`: the system, after the last attempt. `stand-in`: the built-in partner, while
   * the seat's person is away.
   */
  playedBy: 'player' | 'invigilator' | 'stand-in' = 'player'
  #world: World | null

  constructor(world: World | null, tlsTools: TlsTools | undefined) {
    this.#world = world
    this.tlsTools = tlsTools
  }

  /** The world after all effects so far. Throws before the round has begun. */
  get world(): World {
    if (!this.#world) throw new Error('the round has not begun')
    return this.#world
  }

  record(effect: Effect): void {
    const before = this.#world
    this.#world = applyEffect(before, effect)
    this.moments.push(toMoment(effect, before, this.#world))
  }
}
