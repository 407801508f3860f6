/**
 * The exercises available on this server: built-in files and teachers' uploads (in the database). An upload's id ends in a dot
 * and a random key, so it never equals a file's id or the id of another teacher's exercise.
 */
import type { ExerciseInfo, ExercisePreview, OwnExercise } from '../../contract/answers.ts'
import type { NewExercise } from '../../contract/requests.ts'
import { readExercise, type ExerciseLibrary } from '../../exercises/load.ts'
import { proveReachable } from '../../exercises/prove-reachable.ts'
import { SEATS } from '../../protocol/seat.ts'
import { groupByFamily, type Exercise } from '../../protocol/round/model/exercise.ts'
import { ApiError } from '../base/api-error.ts'
import type { OwnExerciseVersion, Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { newId } from '../base/ids.ts'
import { createTimeSlicer, WorkLimitError } from '../base/slices.ts'

/** The exercises that are available here. */
export interface Library {
  /** Only the built-in exercises. */
  readonly builtIn: ExerciseLibrary
  /**
   * The exercises that this teacher can choose from, in teaching order, and those that the teacher has removed, which lessons may
   * still play.
   */
  list(teacherId: string): Promise<ExerciseInfo[]>
  /** The newest version of an exercise, even if it has been removed. */
  findNewest(id: string, db?: Prisma.TransactionClient): Promise<Exercise | undefined>
  /**
   * The exercise that a round plays, by its `id@version`: exactly that version of a teacher's exercise, but the current version
   * of a built-in one.
   */
  findByReference(reference: string): Promise<Exercise | undefined>
  /**
   * Stores a new exercise, or a new version if the teacher has an exercise with the same id in its file. Rejects with
   * `bad-exercise` and the list of problems.
   */
  save(teacherId: string, wanted: NewExercise): Promise<OwnExercise>
  /** Rejects with `not-found`. */
  readOwn(id: string): Promise<OwnExercise>
  /** Removes an exercise from those that can be chosen. */
  remove(id: string): Promise<void>
}

export interface LibraryDeps {
  readonly prisma: PrismaClient
  readonly builtIn: ExerciseLibrary
  readonly now: () => Date
}

/** Parsed versions kept in memory; a version never changes. */
const MAX_CACHED_VERSIONS = 200
/** Real ms for playing through an uploaded exercise; the longest takes about a tenth of the total. */
const PROOF_LIMITS = { sliceMs: 10, totalMs: 20_000 }
/** Problems that are reported per upload, at most. */
const MAX_REPORTED_PROBLEMS = 40

/** `id@version`. */
export const formatReference = ({ id, version }: Pick<Exercise, 'id' | 'version'>): string => `${id}@${version}`

const isOwnExerciseId = (id: string): boolean => id.includes('.')

export function createLibrary({ prisma, builtIn, now }: LibraryDeps): Library {
  const cache = new Map<string, Exercise>()
  const runInSlices = createTimeSlicer(PROOF_LIMITS)

  /**
   * A version in the form in which it is played: with its id and version on this server. Undefined if this release can no longer
   * parse it.
   */
  const parseVersion = (row: OwnExerciseVersion | null): Exercise | undefined => {
    if (!row) return undefined
    const reference = formatReference({ id: row.exerciseId, version: row.version })
    const known = cache.get(reference)
    if (known) return known
    const found = readExercise(row.exerciseId, row.source, { anyName: true })
    if ('problems' in found) return undefined
    const exercise = { ...found.exercise, id: row.exerciseId, version: row.version }
    for (const oldest of cache.keys()) {
      if (cache.size < MAX_CACHED_VERSIONS) break
      cache.delete(oldest)
    }
    cache.set(reference, exercise)
    return exercise
  }

  const findNewestVersion = (exerciseId: string, db: Prisma.TransactionClient = prisma) =>
    db.ownExerciseVersion.findFirst({ where: { exerciseId }, orderBy: { version: 'desc' } })

  /** The id in a file, or its problems in the form of `handshake check`. */
  const checkSource = async (source: string): Promise<{ name: string } | { problems: string[] }> => {
    const name = /^id: *([a-z0-9-]+) *$/m.exec(source)?.[1] ?? 'exercise'
    const found = readExercise(`${name}.yaml`, source, { anyName: true })
    if ('problems' in found) return found
    try {
      const stuck = await runInSlices(proveReachable(found.exercise))
      return stuck ? { problems: [found.locate(stuck)] } : { name: found.exercise.id }
    } catch (error) {
      if (!(error instanceof WorkLimitError)) throw error
      const message = `take more than ${PROOF_LIMITS.totalMs / 1000} s to be played through: take some out, or shorten what they send`
      return { problems: [found.locate({ path: ['scenes'], message })] }
    }
  }

  const readOwn = async (id: string): Promise<OwnExercise> => {
    const row = await findNewestVersion(id)
    const exercise = parseVersion(row)
    if (!row || !exercise) throw new ApiError('not-found', 'There is no such exercise.')
    return { id, version: row.version, createdAt: row.createdAt.toISOString(), source: row.source, exercise }
  }

  return {
    builtIn,
    readOwn,

    async list(teacherId) {
      const rows = await prisma.ownExercise.findMany({
        where: { teacherId },
        include: { versions: { orderBy: { version: 'desc' }, take: 1 } },
        orderBy: { name: 'asc' },
      })
      const mine = rows.flatMap(({ versions, removedAt }) => {
        const exercise = parseVersion(versions[0] ?? null)
        return exercise ? [toExerciseInfo(exercise, removedAt ? 'removed' : 'own')] : []
      })
      return [...builtIn.published().map((exercise) => toExerciseInfo(exercise)), ...mine]
    },

    findNewest: async (id, db) => (isOwnExerciseId(id) ? parseVersion(await findNewestVersion(id, db)) : builtIn.get(id)),

    async findByReference(reference) {
      const at = reference.lastIndexOf('@')
      const [exerciseId, version] = [reference.slice(0, at), Number(reference.slice(at + 1))]
      if (!isOwnExerciseId(exerciseId)) return builtIn.get(exerciseId)
      return (
        cache.get(reference) ??
        parseVersion(await prisma.ownExerciseVersion.findUnique({ where: { exerciseId_version: { exerciseId, version } } }))
      )
    },

    async save(teacherId, { source }) {
      const checked = await checkSource(source)
      if ('problems' in checked)
        throw new ApiError('bad-exercise', 'This is no exercise yet.', {
          problems: checked.problems.slice(0, MAX_REPORTED_PROBLEMS),
        })
      const { name } = checked
      const id = await prisma.$transaction(async (tx) => {
        await tx.ownExercise.createMany({ data: [{ id: `${name}.${newId()}`, teacherId, name }], skipDuplicates: true })
        // The update locks the row, so that of two concurrent uploads the second becomes the next version.
        const { id } = await tx.ownExercise.update({
          where: { teacherId_name: { teacherId, name } },
          data: { removedAt: null },
        })
        const before = await findNewestVersion(id, tx)
        if (before?.source !== source) {
          const version = (before?.version ?? 0) + 1
          await tx.ownExerciseVersion.create({ data: { exerciseId: id, version, source, createdAt: now() } })
        }
        return id
      })
      return readOwn(id)
    },

    async remove(id) {
      await prisma.ownExercise.update({ where: { id }, data: { removedAt: now() } })
    },
  }
}

/** Real seconds that most students take for reading a brief, for a step of their own or their partner's, and for a question. */
const [BRIEF_SECONDS, STEP_SECONDS, QUESTION_SECONDS] = [30, 25, 30]

/** How many minutes one leg of an exercise takes most pairs, at least one: an estimate from what a round has to play. */
function estimateMinutes(exercise: Exercise): number {
  const seconds = groupByFamily(exercise).map(([scene]) => {
    if (!scene) return 0
    const steps = SEATS.map((seat) => scene.milestones[seat].length).reduce((sum, count) => sum + count, 0)
    const questions = Math.max(...SEATS.map((seat) => scene.questions?.[seat]?.length ?? 0))
    return BRIEF_SECONDS + steps * STEP_SECONDS + questions * QUESTION_SECONDS
  })
  return Math.max(1, Math.round(seconds.reduce((sum, each) => sum + each, exercise.pool ? QUESTION_SECONDS : 0) / 60))
}

/** What each seat is told and has to reach, scene by scene. */
export const toExercisePreview = ({ scenes }: Exercise): ExercisePreview => ({
  scenes: scenes.map(({ title, brief, milestones }) => ({
    title: title ?? null,
    brief: { client: brief.client, server: brief.server },
    milestones: {
      client: milestones.client.map(({ text }) => text),
      server: milestones.server.map(({ text }) => text),
    },
  })),
})

/** The part of an exercise that lists show. */
export const toExerciseInfo = (exercise: Exercise, origin: ExerciseInfo['origin'] = 'built-in'): ExerciseInfo => {
  const { id, version, topic, title, point } = exercise
  return { id, version, topic: topic ?? null, origin, title, point, minutes: estimateMinutes(exercise) }
}
