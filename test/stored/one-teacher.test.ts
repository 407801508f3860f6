/** What must be preserved of a classroom of one teacher, from before there were accounts and courses. README.md describes its rows. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ExerciseInfo, SessionInfo } from '../../contract/answers.ts'
import { buildApp } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import { restore } from '../../server/commands/backup.ts'
import { migrate, readMigrations } from '../../server/database/migrate.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { Browser } from '../support/app.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { exercises } from '../support/exercises.ts'
import { query } from '../support/postgres.ts'

const PASSWORD = 'a password of the only teacher'
const file = (name: string) => fileURLToPath(new URL(`one-teacher/${name}`, import.meta.url))

const expected = JSON.parse(readFileSync(file('expected.json'), 'utf8')) as {
  readonly scores: string
  readonly sessions: SessionInfo[]
  readonly exercises: ExerciseInfo[]
}
const TABLES = ['Teacher', 'SignIn', 'Session', 'Participant', 'Pair', 'Round', 'Entry', 'OwnExercise', 'OwnExerciseVersion']

let database: TestDatabase
let counts: () => Promise<object[]>
let before: object[]
let stop: () => Promise<void>
let teacher: Browser
beforeAll(async () => {
  database = await testDatabase({ migrated: false })
  counts = () =>
    query(
      database.url,
      TABLES.map((table) => `SELECT '${table}' AS "of", count(*)::int AS "rows" FROM "${table}"`).join(' UNION ALL '),
    )
  await restore({ databaseUrl: database.url, dataDir: '' }, file('rows.backup'))
  before = await counts()
  await migrate(database.url, await readMigrations())
  const log = createPostgresLog(database)
  const { http } = await buildApp({ config: readConfig({}), prisma: database.prisma, log, exercises })
  teacher = new Browser(http)
  stop = async () => {
    await http.close()
    await log.close()
    await database.stop()
  }
})
afterAll(() => stop())

it('loses no row', async () => {
  expect(await counts()).toEqual(before)
  expect(Object.values(before).every((row) => (row as { rows: number }).rows > 0)).toBe(true)
})

it('lets the teacher in by the password alone, as the owner, who may say a name and invites others', async () => {
  expect((await teacher.get('/api/teacher')).json()).toMatchObject({ signedIn: false, hasPassword: true, passwordAlone: true })
  const answer = await teacher.post('/api/teacher/login', { password: PASSWORD })
  expect(answer.json()).toMatchObject({ signedIn: true, account: { id: 'teacher', name: '', email: null, owner: true } })
  const invited = await teacher.post('/api/colleagues', { name: 'Lin' })
  expect(invited.statusCode).toBe(200)
})

it('shows the teacher the sessions, the exercises and the points of before', async () => {
  const sessions = (await teacher.get('/api/sessions')).json<SessionInfo[]>()
  expect(sessions).toMatchObject(expected.sessions)
  const own = (await teacher.get('/api/exercises')).json<ExerciseInfo[]>().filter(({ origin }) => origin !== 'built-in')
  expect(own).toMatchObject(expected.exercises)
  const played = sessions.find(({ ended }) => ended)!
  const scores = await teacher.get(`/api/sessions/${played.id}/scores.csv`)
  expect(scores.body.replace(/^\uFEFF/, '')).toBe(expected.scores.replace(/^\uFEFF/, ''))
})
