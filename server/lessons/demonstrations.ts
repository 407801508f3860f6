/** Demonstrations: two built-in partners play an exercise, for somebody who wants to watch it before playing it alone. */
import { titledScenes } from '../../protocol/round/model/exercise.ts'
import { playThroughStepwise } from '../../protocol/round/play/play-through.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import type { Replay } from '../../contract/answers.ts'
import type { ExerciseLibrary } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { ApiError } from '../base/api-error.ts'
import { createTimeSlicer } from '../base/slices.ts'

export interface Demonstrations {
  /** A replay of the exercise as the engine plays it, the same each time. Rejects with `not-found`. */
  read(exerciseId: string): Promise<Replay>
}

/** Real ms; the longest exercise takes about a second in total. */
const LIMITS = { sliceMs: 10, totalMs: 20_000 }
const SEED = 1

export function createDemonstrations({ exercises }: { readonly exercises: ExerciseLibrary }): Demonstrations {
  const runInSlices = createTimeSlicer(LIMITS)
  /** They are made when they are first asked for: one for each built-in exercise. */
  const made = new Map<string, Promise<Replay>>()

  const make = async (id: string): Promise<Replay> => {
    const exercise = exercises.get(id)
    if (!exercise) throw new ApiError('not-found', 'There is no such exercise.')
    // The closing questions stay for whoever plays.
    const { pool: _, ...withoutPool } = exercise
    const script = instantiateExercise(withoutPool, 'guided', seededRandom(SEED), {
      players: { client: 'partner', server: 'partner' },
    })
    const { entries } = await runInSlices(playThroughStepwise(script, { client: 'exact', server: 'exact' }, TLS_TOOLS))
    const { title, point } = exercise
    return {
      exercise: { title, point, scenes: titledScenes(exercise) },
      names: null,
      links: null,
      open: true,
      entries: [...entries],
    }
  }

  return {
    async read(id) {
      const known = made.get(id)
      if (known) return known
      const replay = make(id)
      // What failed, such as the id of no exercise, is not kept.
      if (exercises.get(id)) made.set(id, replay)
      replay.catch(() => made.delete(id))
      return replay
    },
  }
}
