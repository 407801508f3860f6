/**
 * The embedded PostgreSQL: a child process with its own data directory, listening on 127.0.0.1 only.
 *
 * The data directory contains `postgres/data` (PostgreSQL's database cluster), `postgres/password` (random, mode 0600) and, while a server
 * runs, `postgres/server.pid` (that server's process id).
 * A server process holds an advisory lock in the database for its whole lifetime. A PostgreSQL that is found running is therefore in
 * use if the lock is held, and otherwise an orphan of a killed server: an orphan is stopped and a new one is started.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { DatabaseError } from './error.ts'
import { findPostgres } from './postgres-binaries.ts'
import {
  captureOutput,
  tryConnect,
  explainFailure,
  findRunning,
  isAlive,
  type Postgres,
  startPostgres,
  stopPostgres,
} from './postgres-process.ts'

/** A running embedded database. */
export interface EmbeddedDatabase {
  /** `postgresql://…` */
  readonly url: string
  /** Resolves with the reason if the database stops although `stop` was not called. */
  readonly lost: Promise<DatabaseError>
  /** Stops the database and resolves when its process has ended. Callers close their own connections first. */
  stop(): Promise<void>
}

/** Receives one line for the operator. */
export type Notify = (line: string) => void

const DATABASE_USER = 'handshake'
/** Key of the advisory lock that the running server holds ("HSKC" in ASCII). */
const OWNER_LOCK_ID = 0x4853_4b43

/** Real ms. A wait that takes longer than this is explained to the operator. */
const SILENT_WAIT_MS = 3_000
/** How long PostgreSQL may take to recover after one of its processes has died. */
const RECOVERY_TIMEOUT_MS = 60_000
const RECONNECT_INTERVAL_MS = 100

const writeToStderr: Notify = (line) => void process.stderr.write(`${line}\n`)

/** Starts the database below `dataDir`, which is created if necessary. Throws `DatabaseError`, also if another server uses the data. */
export async function startEmbedded(dataDir: string, notify: Notify = writeToStderr): Promise<EmbeddedDatabase> {
  await makeDirectory(dataDir)
  const home = join(dataDir, 'postgres')
  const postgres = findPostgres(home)
  if (!existsSync(home)) await createDatabaseCluster(postgres, home)

  const data = join(home, 'data')
  const ownerFile = join(home, 'server.pid')
  const password = await readPassword(join(home, 'password'))
  const url = (port: number) => formatUrl(password, port)
  const inUse = () =>
    new DatabaseError(
      `Another Handshake Classroom is using the data in ${dataDir}. Stop it first, or set DATA_DIR to another directory.`,
    )

  const running = await explainIfSlow(
    findRunning(data, url, () => hasLivingServer(ownerFile)),
    notify,
    `Waiting for the PostgreSQL of an earlier start on ${dataDir}: it is starting or stopping.`,
  )
  if (running) {
    const isOrphan = running.client === null || (await acquireOwnerLock(running.client))
    if (isOrphan)
      await explainIfSlow(
        stopPostgres(postgres, data, running.pid),
        notify,
        `Stopping the PostgreSQL of an earlier start on ${dataDir}.`,
      )
    await running.client?.end()
    if (!isOrphan) throw inUse()
  }

  const { child, port, readOutput } = await explainIfSlow(
    startPostgres(postgres, data, inUse),
    notify,
    'Starting the database: after a crash it reads its log first.',
  )
  const pid = child.pid!
  const firstConnection = await tryConnect(url(port))
  // Another server that starts at the same moment may take this PostgreSQL for an orphan, before the lock is held, and stop it.
  const stopped = firstConnection === 'starting' || readOutput().includes('shutdown request')
  if (!(firstConnection instanceof pg.Client)) {
    await stopPostgres(postgres, data, pid)
    throw stopped ? inUse() : new DatabaseError(`PostgreSQL has started but lets nobody in: ${readOutput()}`)
  }
  if (!(await acquireOwnerLock(firstConnection).catch(() => false))) throw inUse()
  await writeFile(ownerFile, `${process.pid}\n`)

  let ownerConnection = firstConnection
  let stopping = false
  // Stops PostgreSQL whenever this process exits; only SIGKILL leaves an orphan.
  const onExit = () => void (isAlive(pid) && child.kill('SIGINT'))
  process.once('exit', onExit)

  const lost = new Promise<DatabaseError>((resolve) => {
    const report = (why: string) => {
      if (!stopping)
        resolve(new DatabaseError(`The database has stopped: ${why}. Start the server again; what was acknowledged is safe.`))
    }
    child.once('exit', (_code, signal) => report(signal ? `it was ended by ${signal}` : readOutput()))

    // When one of its processes dies, PostgreSQL closes all connections, recovers and continues. The lock is then free and must
    // be acquired again.
    const recover = async (): Promise<void> => {
      const giveUpAt = performance.now() + RECOVERY_TIMEOUT_MS
      let told = false
      while (!stopping && isAlive(pid) && performance.now() < giveUpAt) {
        const connection = await tryConnect(url(port))
        if (connection !== 'refused' && !told) {
          notify('A process of the database has died. The database recovers by itself; what was acknowledged is safe.')
          told = true
        }
        if (connection instanceof pg.Client) {
          if (await acquireOwnerLock(connection).catch(() => false)) {
            notify('The database has recovered and goes on.')
            ownerConnection = connection.once('end', onConnectionEnd)
            return
          }
          await connection.end()
        }
        await delay(RECONNECT_INTERVAL_MS)
      }
      if (isAlive(pid)) report('it did not recover within a minute')
    }
    const onConnectionEnd = () => {
      // If PostgreSQL itself has ended, its 'exit' event reports it.
      if (!stopping) void recover()
    }
    firstConnection.once('end', onConnectionEnd)
  })
  return {
    url: url(port),
    lost,
    async stop() {
      stopping = true
      await ownerConnection.end()
      await stopPostgres(postgres, data, pid)
      await rm(ownerFile, { force: true })
      process.off('exit', onExit)
    },
  }
}

/** Resolves to the result of `work`. If that takes longer than `SILENT_WAIT_MS`, `notify` receives the line. */
async function explainIfSlow<T>(work: Promise<T>, notify: Notify, line: string): Promise<T> {
  const timer = setTimeout(() => notify(line), SILENT_WAIT_MS)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}

async function makeDirectory(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true })
  } catch (error) {
    throw new DatabaseError(
      `The data directory ${dataDir} cannot be made (${(error as Error).message}). Set DATA_DIR to another one.`,
    )
  }
}

/** Whether the server that used the data last is still running. */
async function hasLivingServer(ownerFile: string): Promise<boolean> {
  const pid = Number(await readFile(ownerFile, 'utf8').catch(() => ''))
  return pid > 0 && pid !== process.pid && isAlive(pid)
}

const formatUrl = (password: string, port: number) => `postgresql://${DATABASE_USER}:${password}@127.0.0.1:${port}/postgres`

async function readPassword(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new DatabaseError(
      `The data cannot be read (${(error as Error).message}). Start the server as the account that made them, or set DATA_DIR to another directory.`,
    )
  }
}

/** Creates the database cluster atomically: in a temporary directory, which is renamed to `home` when it is complete. */
async function createDatabaseCluster(postgres: Postgres, home: string): Promise<void> {
  const temporaryDirectory = await mkdtemp(`${home}-new-`).catch((error: Error) => {
    throw creationError(home, error.message)
  })
  try {
    const password = join(temporaryDirectory, 'password')
    await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
    if (postgres.account) {
      for (const path of [temporaryDirectory, password]) await chown(path, postgres.account.uid, postgres.account.gid)
    }
    const args = [
      '-D',
      join(temporaryDirectory, 'data'),
      `--username=${DATABASE_USER}`,
      `--pwfile=${password}`,
      '--auth=scram-sha-256',
    ]
    const initdb = postgres.start(
      'initdb',
      [...args, '--encoding=UTF8', '--no-locale', '--no-instructions'],
      ['ignore', 'ignore', 'pipe'],
    )
    const readOutput = captureOutput(initdb)
    const code = await new Promise((resolve, reject) => initdb.once('error', reject).once('close', resolve))
    if (code !== 0) throw creationError(home, readOutput())
    await rename(temporaryDirectory, home)
  } catch (error) {
    await rm(temporaryDirectory, { recursive: true, force: true })
    // If `home` exists now, another process has created it in the meantime; that one is used.
    if (!existsSync(home)) throw error
  }
}

const creationError = (home: string, output: string) =>
  new DatabaseError(explainFailure(output, dirname(home)) ?? `The database in ${home} could not be made: ${output}`)

/** The URL of the database below `dataDir` if a server is using it at this moment; otherwise null. */
export async function findRunningUrl(dataDir: string): Promise<string | null> {
  const home = join(dataDir, 'postgres')
  const password = await readPassword(join(home, 'password'))
  let found: string | null = null
  const running = await findRunning(
    join(home, 'data'),
    (port) => (found = formatUrl(password, port)),
    () => hasLivingServer(join(home, 'server.pid')),
  )
  if (!running?.client) return null
  const isOrphan = await acquireOwnerLock(running.client)
  await running.client.end()
  return isOrphan ? null : found
}

async function acquireOwnerLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [OWNER_LOCK_ID])
  return rows[0]!.taken
}
