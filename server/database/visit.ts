import { join } from 'node:path'
import { existsSync } from 'node:fs'
import type { Config } from '../base/config.ts'
import { findRunningUrl, startEmbedded } from './embedded.ts'
import { DatabaseError } from './error.ts'

/** A database that is there already, for as long as a command needs it. */
export interface Visit {
  /** `postgresql://…` */
  readonly url: string
  /** Leaves it as it was found: what was started for the command is stopped. */
  close(): Promise<void>
}

/** The database of DATABASE_URL, or the embedded one below `dataDir`, whether a server uses it at this moment or not. Throws `DatabaseError`. */
export async function visitDatabase({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<Visit> {
  if (databaseUrl !== null) return { url: databaseUrl, close: async () => {} }
  if (!existsSync(join(dataDir, 'postgres')))
    throw new DatabaseError(`There is no classroom in ${dataDir}. Set DATA_DIR to its directory, or DATABASE_URL to its database.`)
  const running = await findRunningUrl(dataDir)
  if (running !== null) return { url: running, close: async () => {} }
  const { url, stop } = await startEmbedded(dataDir)
  return { url, close: stop }
}
