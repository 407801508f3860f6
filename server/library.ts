/**
 * What can be played here: the exercises of the folder, and those that teachers have brought, which stand in the database. The id of the
 * latter ends in a dot and a key, which no file's id has: it is never that of another teacher's, nor of a file.
 */
import type { ExerciseInfo, OwnExercise } from '../contract/http.ts'
import type { NewExercise } from '../contract/schemas.ts'
import { readExercise, type Exercises } from '../exercises/load.ts'
import { proof } from '../exercises/proof.ts'
import type { Exercise } from '../protocol/world/exercise.ts'
import { Failed } from './failed.ts'
import type { OwnExerciseVersion, Prisma, PrismaClient } from './generated/prisma/client.ts'
import { newId } from './ids.ts'
import { createSlices, TooLong } from './slices.ts'

export interface Library {
  /** The exercises of the folder alone. */
  readonly builtIn: Exercises
  /** What this teacher can choose from, in teaching order, and what they have removed: lessons may still play it. */
  list(teacherId: string): Promise<ExerciseInfo[]>
  /** The newest version; of a removed one as well. */
  newest(id: string, db?: Prisma.TransactionClient): Promise<Exercise | undefined>
  /** What a round plays, by its `id@version`: of a teacher's own that very version, of the folder's what is there now. */
  played(reference: string): Promise<Exercise | undefined>
  /** Takes a new exercise in, or a new version of one with the same id in its file. Rejects with `bad-exercise` and its problems. */
  put(teacherId: string, wanted: NewExercise): Promise<OwnExercise>
  /** Rejects with `not-found`. */
  own(id: string): Promise<OwnExercise>
  /** Nobody can choose it any more. */
  remove(id: string): Promise<void>
}

export interface LibraryDeps {
  readonly prisma: PrismaClient
  readonly builtIn: Exercises
  readonly now: () => Date
}

/** Versions of which the node keeps what it has read. They never change. */
const KEPT = 200
/** Real ms: a proof of the longest exercises takes about a tenth of the most. */
const PROOF = { slice: 10, most: 20_000 }
/** Problems that are told at once. */
const TOLD = 40

/** `id@version`. */
export const referenceTo = ({ id, version }: Pick<Exercise, 'id' | 'version'>): string => `${id}@${version}`

const isOwn = (id: string): boolean => id.includes('.')

export function createLibrary({ prisma, builtIn, now }: LibraryDeps): Library {
  const kept = new Map<string, Exercise>()
  const inSlices = createSlices(PROOF)

  /** A version as it is played: under the id and the version that it has here. Undefined where this release does not understand it any more. */
  const read = (row: OwnExerciseVersion | null): Exercise | undefined => {
    if (!row) return undefined
    const reference = referenceTo({ id: row.exerciseId, version: row.version })
    const known = kept.get(reference)
    if (known) return known
    const found = readExercise(row.exerciseId, row.source, { anyName: true })
    if ('problems' in found) return undefined
    const exercise = { ...found.exercise, id: row.exerciseId, version: row.version }
    for (const oldest of kept.keys()) {
      if (kept.size < KEPT) break
      kept.delete(oldest)
    }
    kept.set(reference, exercise)
    return exercise
  }

  const newestOf = (exerciseId: string, db: Prisma.TransactionClient = prisma) =>
    db.ownExerciseVersion.findFirst({ where: { exerciseId }, orderBy: { version: 'desc' } })

  /** The id in a file, or what is wrong with it, in the words of `handshake check`. */
  const check = async (source: string): Promise<{ name: string } | { problems: string[] }> => {
    const name = /^id: *([a-z0-9-]+) *$/m.exec(source)?.[1] ?? 'exercise'
    const found = readExercise(`${name}.yaml`, source, { anyName: true })
    if ('problems' in found) return found
    try {
      const stuck = await inSlices(proof(found.exercise))
      return stuck ? { problems: [found.locate(stuck)] } : { name: found.exercise.id }
    } catch (error) {
      if (!(error instanceof TooLong)) throw error
      const message = `take more than ${PROOF.most / 1000} s to be played through: take some out, or shorten what they send`
      return { problems: [found.locate({ path: ['scenes'], message })] }
    }
  }

  const own = async (id: string): Promise<OwnExercise> => {
    const row = await newestOf(id)
    const exercise = read(row)
    if (!row || !exercise) throw new Failed('not-found', 'There is no such exercise.')
    return { id, version: row.version, createdAt: row.createdAt.toISOString(), source: row.source, exercise }
  }

  return {
    builtIn,
    own,

    async list(teacherId) {
      const rows = await prisma.ownExercise.findMany({
        where: { teacherId },
        include: { versions: { orderBy: { version: 'desc' }, take: 1 } },
        orderBy: { name: 'asc' },
      })
      const mine = rows.flatMap(({ versions, removedAt }) => {
        const exercise = read(versions[0] ?? null)
        return exercise ? [exerciseInfo(exercise, removedAt ? 'removed' : 'own')] : []
      })
      return [...builtIn.all().map((exercise) => exerciseInfo(exercise)), ...mine]
    },

    newest: async (id, db) => (isOwn(id) ? read(await newestOf(id, db)) : builtIn.get(id)),

    async played(reference) {
      const at = reference.lastIndexOf('@')
      const [exerciseId, version] = [reference.slice(0, at), Number(reference.slice(at + 1))]
      if (!isOwn(exerciseId)) return builtIn.get(exerciseId)
      return (
        kept.get(reference) ??
        read(await prisma.ownExerciseVersion.findUnique({ where: { exerciseId_version: { exerciseId, version } } }))
      )
    },

    async put(teacherId, { source }) {
      const checked = await check(source)
      if ('problems' in checked)
        throw new Failed('bad-exercise', 'This is no exercise yet.', { problems: checked.problems.slice(0, TOLD) })
      const { name } = checked
      const id = await prisma.$transaction(async (tx) => {
        await tx.ownExercise.createMany({ data: [{ id: `${name}.${newId()}`, teacherId, name }], skipDuplicates: true })
        // The update holds the row: of two uploads at once the second is the next version.
        const { id } = await tx.ownExercise.update({
          where: { teacherId_name: { teacherId, name } },
          data: { removedAt: null },
        })
        const before = await newestOf(id, tx)
        if (before?.source !== source) {
          const version = (before?.version ?? 0) + 1
          await tx.ownExerciseVersion.create({ data: { exerciseId: id, version, source, createdAt: now() } })
        }
        return id
      })
      return own(id)
    },

    async remove(id) {
      await prisma.ownExercise.update({ where: { id }, data: { removedAt: now() } })
    },
  }
}

/** What lists show of an exercise. */
export const exerciseInfo = (
  { id, version, topic, title, point }: Exercise,
  origin: ExerciseInfo['origin'] = 'built-in',
): ExerciseInfo => ({ id, version, topic: topic ?? null, origin, title, point })
