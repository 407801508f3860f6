/** `handshake backup FILE` and `handshake restore FILE`: one gzipped file with all of the classroom's lasting data. */
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { Config } from '../base/config.ts'
import { connectOrThrow, dumpDatabase, loadDatabase } from '../database/dump.ts'
import { startEmbedded } from '../database/embedded.ts'
import { DatabaseError } from '../database/error.ts'
import { LAST_BACKUP_KEY } from '../privacy/retention-settings.ts'
import { visitDatabase } from '../database/visit.ts'

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'dataDir'>

/**
 * Writes the backup, completely or not at all; the classroom may be running. Resolves to one line for the operator. Throws
 * `DatabaseError`.
 */
export async function backUp(config: DatabaseConfig, file: string): Promise<string> {
  if (existsSync(file)) throw new DatabaseError(`${file} is there already. Give a file that is not there yet.`)
  const { url, close } = await visitDatabase(config)
  const partial = `${file}.partial`
  let lines = 0
  try {
    await pipeline(
      async function* () {
        for await (const line of dumpDatabase(url)) {
          lines++
          yield `${line}\n`
        }
      },
      createGzip(),
      createWriteStream(partial, { mode: 0o600 }), // it contains the secret that signs cookies
    )
    await rename(partial, file)
    await noteBackup(url)
    return `${file} holds all ${lines - 2} rows.`
  } catch (error) {
    await rm(partial, { force: true })
    throw explainFileError(error, `${file} cannot be written`)
  } finally {
    await close()
  }
}

/**
 * Fills a database that is empty, or does not exist yet, from the file. Resolves to one line for the operator. Throws
 * `DatabaseError`, and then leaves no rows behind.
 */
export async function restore({ databaseUrl, dataDir }: DatabaseConfig, file: string): Promise<string> {
  if (databaseUrl !== null) return `${await loadFile(file, databaseUrl)} rows are back.`
  const home = join(dataDir, 'postgres')
  if (existsSync(home))
    throw new DatabaseError(
      `There is a classroom in ${dataDir} already. Set DATA_DIR to a directory that is not there yet, or move this one away.`,
    )
  const embedded = await startEmbedded(dataDir)
  let rows: number | null = null
  try {
    rows = await loadFile(file, embedded.url)
    return `${rows} rows are back, in ${dataDir}.`
  } finally {
    await embedded.stop()
    if (rows === null) await rm(home, { recursive: true, force: true })
  }
}

/** Notes when the backup was made: the page about privacy says how old the last one is. */
async function noteBackup(url: string): Promise<void> {
  const client = await connectOrThrow(url)
  try {
    await client.query(
      `INSERT INTO "Setting" ("key", "value") VALUES ('${LAST_BACKUP_KEY}', $1) ON CONFLICT ("key") DO UPDATE SET "value" = $1`,
      [new Date().toISOString()],
    )
  } finally {
    await client.end()
  }
}

async function loadFile(file: string, url: string): Promise<number> {
  try {
    return await pipeline(createReadStream(file), createGunzip(), (text: AsyncIterable<Buffer>) =>
      loadDatabase(url, splitLines(text)),
    )
  } catch (error) {
    throw explainFileError(error, `${file} cannot be read`)
  }
}

async function* splitLines(octets: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of octets) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Turns errors of the file system and of gzip into a one-line `DatabaseError`; returns any other error unchanged. */
function explainFileError(error: unknown, what: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  const isFileError = !(error instanceof DatabaseError) && /^(E[A-Z]+|Z_[A-Z_]+)$/.test(code ?? '')
  return isFileError ? new DatabaseError(`${what} (${message}).`) : error
}
