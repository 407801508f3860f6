import { afterEach, describe, expect, it } from 'vitest'
import { dumpDatabase, loadDatabase } from '../../server/database/dump.ts'
import { readMigrations, migrate } from '../../server/database/migrate.ts'
import { storedDatabase } from '../stored/database.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { query } from '../support/postgres.ts'

const opened: TestDatabase[] = []
afterEach(() => Promise.all(opened.splice(0).map((database) => database.stop())))
const keep = async (database: Promise<TestDatabase>): Promise<TestDatabase> => {
  opened.push(await database)
  return database
}

const dump = async ({ url }: TestDatabase): Promise<string[]> => {
  const lines: string[] = []
  for await (const line of dumpDatabase(url)) lines.push(line)
  return lines
}
async function* give(lines: readonly string[]): AsyncGenerator<string, void> {
  yield* lines
}

describe('a backup', () => {
  it.each([
    { of: 'the tables of today', migrated: true },
    { of: 'the tables of an older version, which are then migrated', migrated: false },
  ])('of $of gives back every row as it was', async ({ migrated }) => {
    const from = await keep(storedDatabase({ migrated }))
    const lines = await dump(from)
    const into = await keep(testDatabase({ migrated: false }))
    expect(await loadDatabase(into.url, give(lines))).toBe(lines.length - 2)
    expect(lines.length).toBeGreaterThan(2_000)
    const rows = (all: readonly string[]) => all.slice(1).sort() // A table has no defined order.
    expect(rows(await dump(into))).toEqual(rows(lines))

    const migrations = await readMigrations()
    await migrate(into.url, migrations)
    const { applied } = (
      await query<{ applied: number }>(into.url, 'SELECT count(*)::int AS applied FROM "_prisma_migrations"')
    )[0]!
    expect(applied).toBe(migrations.length)
  })

  it('that is none, damaged, cut off or of a newer version is refused in one line, and leaves no row', async () => {
    const from = await keep(testDatabase())
    await query(from.url, `INSERT INTO "Setting" VALUES ('one', '1'), ('two', '2')`)
    const lines = await dump(from)
    const [head = '', ...rest] = lines
    const into = await keep(testDatabase({ migrated: false }))
    for (const [given, why] of [
      [[], 'This is no backup of a Handshake Classroom.'],
      [['{"format":"something else"}'], 'This is no backup of a Handshake Classroom.'],
      [lines.slice(0, -1), 'The backup is cut off: its end is missing. Nothing was restored.'],
      [[head, ...rest.slice(1)], 'The backup should hold 2 rows and holds 1. Nothing was restored.'],
      [[head, '["Setting",{"key":]', ...rest], 'The backup is damaged: a line of it cannot be read. Nothing was restored.'],
      [[head, '["pg_authid",{}]', ...rest], 'The backup is damaged: a line of it cannot be read. Nothing was restored.'],
      [
        [head.replace('_init', '_unknown'), ...rest],
        /^The backup was made by a newer version \(it has the migration \d+_unknown\)/,
      ],
    ] as const)
      await expect(loadDatabase(into.url, give(given))).rejects.toThrow(why)
    expect(await loadDatabase(into.url, give(lines))).toBe(2)
  })

  it('is not put into a database that has rows', async () => {
    const from = await keep(testDatabase())
    await query(from.url, `INSERT INTO "Setting" VALUES ('one', '1')`)
    await expect(loadDatabase(from.url, give(await dump(from)))).rejects.toThrow(
      'The database is not empty (Setting has rows). A backup is restored into an empty one.',
    )
  })
})
