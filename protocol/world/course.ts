/** The course that events take once an act has been allowed: each effect is applied before the next is computed. */
import type { Effect } from './action.ts'
import { applyEffect } from './apply.ts'
import type { TlsTools } from './tls.ts'
import type { World } from './world.ts'

export class Course {
  readonly effects: Effect[] = []
  #world: World | null
  /** What the milestones that are reached from here on become: the invigilator's deeds score nothing. */
  credit: 'met' | 'forfeited' = 'met'

  /** What TLS takes; nobody needs it where there is none. */
  readonly tls: TlsTools | undefined

  constructor(world: World | null, tls?: TlsTools) {
    this.#world = world
    this.tls = tls
  }

  get world(): World {
    if (!this.#world) throw new Error('the round has not begun')
    return this.#world
  }

  do(effect: Effect): void {
    this.#world = applyEffect(this.#world, effect)
    this.effects.push(effect)
  }
}
