/** A database as version 0.1.0 left it, with stored rows. README.md describes them. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { migrate, readMigrations } from '../../server/database/migrate.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { query } from '../support/postgres.ts'

/** The last migration of the version that stored the rows. */
const LAST = '20261128000000_own_exercises'

/** The password of the stored teacher. */
export const PASSWORD = 'a password of the stored teacher'

/** Loads the stored rows into tables of their version, then migrates them to today's tables, by default. */
export async function storedDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const database = await testDatabase({ migrated: false })
  const migrations = await readMigrations()
  await migrate(
    database.url,
    migrations.filter(({ name }) => name <= LAST),
  )
  // The migrations' records are among the rows, so a migration that has been changed since is detected.
  await query(database.url, 'DELETE FROM "_prisma_migrations"')
  await query(database.url, gunzipSync(readFileSync(new URL('rows.sql.gz', import.meta.url))).toString())
  if (migrated) await migrate(database.url, migrations)
  return database
}
