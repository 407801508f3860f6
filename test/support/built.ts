/**
 * Before tests that start the whole server: rebuilds outdated output, and makes the database of a first start, which they copy
 * because `initdb` takes longer than everything else that a start does.
 */
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ensureBuilt } from '../../scripts/build.mjs'
import { openDatabase } from '../../server/database/open.ts'
import { createDataDirectory, removeDataDirectory } from './spawn.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of a data directory that a server has used and left. */
    usedData: string
  }
}

export default async function setup({ provide }: TestProject) {
  await ensureBuilt('classroom', console.log)
  const directory = await createDataDirectory()
  const dataDir = join(directory, 'data')
  await (await openDatabase({ dataDir, databaseUrl: null })).close()
  provide('usedData', dataDir)
  return () => removeDataDirectory(directory)
}
