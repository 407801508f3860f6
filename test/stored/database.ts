/** A database as version 0.1.0 left it, with what was stored in it. README.md says what that is. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { migrate, readMigrations } from '../../server/database/migrate.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { query } from '../support/postgres.ts'

/** The last migration of the version that stored the rows. */
const LAST = '20261128000000_own_exercises'

/** What the stored teacher signs in with. */
export const PASSWORD = 'a password of the stored teacher'

/** The stored rows in tables of their own time; migrated on to the tables of today, unless told otherwise. */
export async function storedDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const database = await testDatabase({ migrated: false })
  const migrations = await readMigrations()
  await migrate(
    database.url,
    migrations.filter(({ name }) => name <= LAST),
  )
  // The record of the migrations is among the rows, so that a migration that has been changed since is found out.
  await query(database.url, 'DELETE FROM "_prisma_migrations"')
  await query(database.url, gunzipSync(readFileSync(new URL('rows.sql.gz', import.meta.url))).toString())
  if (migrated) await migrate(database.url, migrations)
  return database
}
