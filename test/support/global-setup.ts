/** Starts one PostgreSQL for a whole test run, with a migrated database that `testDatabase` copies. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../server/database/embedded.ts'
import { migrate, readMigrations } from '../../server/database/migrate.ts'
import { createDatabase, databaseUrl, TEMPLATE } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the run's PostgreSQL. */
    postgres: string
  }
}

export default async function setup({ provide }: TestProject) {
  const dataDir = await mkdtemp(join(tmpdir(), 'handshake-test-'))
  // If the tests run as root, PostgreSQL runs under another account, which needs access to the directory.
  await chmod(dataDir, 0o755)
  const embedded = await startEmbedded(dataDir)
  await createDatabase(embedded.url, TEMPLATE, 'template1')
  await migrate(databaseUrl(embedded.url, TEMPLATE), await readMigrations())
  provide('postgres', embedded.url)
  return async () => {
    await embedded.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
