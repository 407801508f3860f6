/** What must be preserved of a classroom when it is upgraded from version 0.1.0. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { migrate, readMigrations } from '../../server/database/migrate.ts'
import { createLibrary } from '../../server/lessons/library.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { createTeachers } from '../../server/identity/teachers.ts'
import type { TestDatabase } from '../support/database.ts'
import { query } from '../support/postgres.ts'
import { PASSWORD, storedDatabase } from './database.ts'

const now = () => new Date()

/** The number of rows in each table whose contents must not be lost. */
const counts = ({ url }: TestDatabase) =>
  query(
    url,
    ['Teacher', 'Session', 'Participant', 'Pair', 'Round', 'Entry', 'OwnExercise', 'OwnExerciseVersion']
      .map((table) => `SELECT '${table}' AS "of", count(*)::int AS "rows" FROM "${table}"`)
      .join(' UNION ALL '),
  )

let database: TestDatabase
let before: object[]
beforeAll(async () => {
  database = await storedDatabase({ migrated: false })
  before = await counts(database)
  // The migration must not rely on the old column, which could be wrong: a node could die between writing the log and updating
  // it.
  await query(database.url, 'UPDATE "Round" SET "endedAt" = CASE WHEN "endedAt" IS NULL THEN now() END')
  await migrate(database.url, await readMigrations())
})
afterAll(() => database.stop())

describe('a database of version 0.1.0', () => {
  it('loses nothing', async () => {
    expect(await counts(database)).toEqual(before)
  })

  it('lets its teacher in by the same password, who finds their own exercises', async () => {
    const { prisma } = database
    const teacher = await createTeachers({ prisma, now }).login({ password: PASSWORD })
    const exercises = await createLibrary({ prisma, builtIn: loadExercises('exercises'), now }).list(teacher)
    const own = exercises.filter(({ origin }) => origin !== 'built-in')
    expect(own.map(({ id, version, origin }) => `${id.split('.')[0]} ${version} ${origin}`)).toEqual([
      'lost-letter 2 own',
      'lost-parcel 1 removed',
    ])
  })

  it('takes a round for over where its log says so, at that time', async () => {
    const { prisma } = database
    const log = createPostgresLog(database)
    const rounds = await prisma.round.findMany()
    const ends = await Promise.all(
      rounds.map(
        async ({ id }) => (await log.read(id)).find(({ effects }) => effects.some(({ kind }) => kind === 'over'))?.at ?? null,
      ),
    )
    expect(rounds.map(({ endedAt }) => endedAt?.toISOString() ?? null)).toEqual(ends)
    expect(new Set(ends.map((end) => end === null))).toEqual(new Set([true, false]))
  })
})
