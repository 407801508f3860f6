import { join } from 'node:path'
import { existsSync } from 'node:fs'
import type { Config } from '../base/config.ts'
import { findRunningUrl, startEmbedded } from './embedded.ts'
import { DatabaseError } from './error.ts'

/** Access to an existing database for the duration of a command. */
export interface Visit {
  /** `postgresql://…` */
  readonly url: string
  /** Stops the database again if it was started for this command. */
  close(): Promise<void>
}

/**
 * Opens the database of DATABASE_URL, or the embedded one below `dataDir`, which is started unless a server is using it at this moment.
 * Throws `DatabaseError`.
 */
export async function visitDatabase({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<Visit> {
  if (databaseUrl !== null) return { url: databaseUrl, close: async () => {} }
  if (!existsSync(join(dataDir, 'postgres')))
    throw new DatabaseError(`There is no classroom in ${dataDir}. Set DATA_DIR to its directory, or DATABASE_URL to its database.`)
  const running = await findRunningUrl(dataDir)
  if (running !== null) return { url: running, close: async () => {} }
  const { url, stop } = await startEmbedded(dataDir)
  return { url, close: stop }
}
