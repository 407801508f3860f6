/** Sets up an activity from the exercise that it is made of. */
import type { ActivityKind } from '../../protocol/class/kind-names.ts'
import type { ActivitySetup } from '../../protocol/class/kinds.ts'
import { DEFAULT_TIMES_MS } from '../../protocol/round/model/exercise.ts'
import type { Library } from '../lessons/library.ts'
import { exerciseGoneError } from '../lessons/session-rows.ts'

/** The built-in exercise that each kind of activity is made of. */
export const EXERCISE_OF: { readonly [K in ActivityKind]: string } = {
  'syn-flood': 'why-three-half-open',
  'key-leak': 'https-forward-secrecy',
  'longest-wire': 'handshake',
}

export interface ActivitySetupDeps {
  readonly library: Pick<Library, 'findNewest'>
  /** Numbers in [0, 1). */
  readonly random: () => number
}

/** The setup of a new activity, with fresh numbers. Rejects with `not-found` if its exercise is not on this server. */
export async function createActivitySetup(kind: ActivityKind, { library, random }: ActivitySetupDeps): Promise<ActivitySetup> {
  const exercise = await library.findNewest(EXERCISE_OF[kind])
  if (!exercise) throw exerciseGoneError(EXERCISE_OF[kind])
  if (kind === 'key-leak') return { kind }
  const seed = Math.floor(random() * 2 ** 32)
  if (kind === 'longest-wire') {
    const iss = () => Math.floor(random() * 2 ** 32)
    return { kind, seed, iss: { client: iss(), server: iss() } }
  }
  return { kind, seed, halfOpenMs: exercise.scenes[0]?.times?.halfOpen ?? DEFAULT_TIMES_MS.halfOpen }
}
