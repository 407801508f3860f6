/**
 * The embedded PostgreSQL: a child process with its own data directory, listening on 127.0.0.1 only.
 *
 * The data directory contains `postgres/data` (PostgreSQL's database cluster) and `postgres/password` (random, mode 0600).
 * A server process holds an advisory lock in the database for its whole lifetime. A PostgreSQL that is found running is therefore in
 * use if the lock is held, and otherwise an orphan of a killed server: an orphan is stopped and a new one is started.
 */
import { type ChildProcess, execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, mkdtemp, readFile, readlink, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { DatabaseError } from './error.ts'
import { findPostgres } from './postgres-binaries.ts'

/** A running embedded database. */
export interface EmbeddedDatabase {
  /** `postgresql://…` */
  readonly url: string
  /** Resolves with the reason if the database stops although `stop` was not called. */
  readonly lost: Promise<DatabaseError>
  /** Stops the database and resolves when its process has ended. Callers close their own connections first. */
  stop(): Promise<void>
}

type Postgres = ReturnType<typeof findPostgres>

const DATABASE_USER = 'handshake'
/** Key of the advisory lock that the running server holds ("HSKC" in ASCII). */
const OWNER_LOCK_ID = 0x4853_4b43

/** Starts the database below `dataDir`, which is created if necessary. Throws `DatabaseError`, also if another server uses the data. */
export async function startEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
  try {
    await mkdir(dataDir, { recursive: true })
  } catch (error) {
    throw new DatabaseError(
      `The data directory ${dataDir} cannot be made (${(error as Error).message}). Set DATA_DIR to another one.`,
    )
  }
  const home = join(dataDir, 'postgres')
  const postgres = findPostgres(home)
  if (!existsSync(home)) await createDatabaseCluster(postgres, home)

  const data = join(home, 'data')
  const password = await readPassword(join(home, 'password'))
  const url = (port: number) => formatUrl(password, port)
  const inUse = () =>
    new DatabaseError(
      `Another Handshake Classroom is using the data in ${dataDir}. Stop it first, or set DATA_DIR to another directory.`,
    )

  const running = await findRunning(data, url)
  if (running) {
    const orphan = await acquireOwnerLock(running.client)
    if (orphan) await stopPostgres(postgres, data, running.pid)
    await running.client.end()
    if (!orphan) throw inUse()
  }

  const { child, port, readOutput } = await startPostgres(postgres, data, inUse)
  const ownerConnection = await connect(url(port))
  // Another server that starts at the same moment may take this PostgreSQL for an orphan, before the lock is held, and stop it.
  const stopped = ownerConnection === 'starting' || readOutput().includes('shutdown request')
  if (!(ownerConnection instanceof pg.Client)) {
    await stopPostgres(postgres, data, child.pid!)
    throw stopped ? inUse() : new DatabaseError(`PostgreSQL has started but lets nobody in: ${readOutput()}`)
  }
  if (!(await acquireOwnerLock(ownerConnection).catch(() => false))) throw inUse()

  let stopping = false
  // Stops PostgreSQL whenever this process exits; only SIGKILL leaves an orphan.
  const onExit = () => void (isAlive(child.pid!) && child.kill('SIGINT'))
  process.once('exit', onExit)
  const lost = new Promise<DatabaseError>((resolve) => {
    const report = (why: string) => {
      if (!stopping)
        resolve(new DatabaseError(`The database has stopped: ${why}. Start the server again; what was acknowledged is safe.`))
    }
    child.once('exit', (_code, signal) => report(signal ? `it was ended by ${signal}` : readOutput()))
    ownerConnection.once('end', () => report('its connection was lost'))
  })
  return {
    url: url(port),
    lost,
    async stop() {
      stopping = true
      await ownerConnection.end()
      await stopPostgres(postgres, data, child.pid!)
      process.off('exit', onExit)
    },
  }
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
  const temporaryDirectory = await mkdtemp(`${home}-new-`)
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
    if (code !== 0) throw new DatabaseError(`The database in ${home} could not be made: ${readOutput()}`)
    await rename(temporaryDirectory, home)
  } catch (error) {
    await rm(temporaryDirectory, { recursive: true, force: true })
    // If `home` exists now, another process has created it in the meantime; that one is used.
    if (!existsSync(home)) throw error
  }
}

/** Starts PostgreSQL on a free port and waits until it accepts connections. */
async function startPostgres(postgres: Postgres, data: string, inUse: () => DatabaseError) {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort()
    const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'log_checkpoints=off']
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
    const child = postgres.start('postgres', args, ['ignore', 'ignore', 'pipe'])
    const readOutput = captureOutput(child)
    const ready = await new Promise<boolean>((resolve, reject) => {
      child.stderr!.on('data', () => readOutput().includes('ready to accept connections') && resolve(true))
      child.once('error', reject).once('close', () => resolve(false))
    })
    if (ready) return { child, port, readOutput }
    if (readOutput().includes('postmaster.pid')) throw inUse()
    // Another program may have taken the port in the meantime.
    if (attempt === 3 || !readOutput().includes('TCP/IP')) throw new DatabaseError(`PostgreSQL did not start: ${readOutput()}`)
  }
}

async function stopPostgres(postgres: Postgres, data: string, pid: number): Promise<void> {
  // SIGINT is PostgreSQL's "fast" shutdown: it closes all connections; committed data is on disk.
  if (process.platform === 'win32') postgres.start('pg_ctl', ['stop', '-D', data, '-m', 'fast', '--no-wait'], 'ignore')
  else if (isAlive(pid)) process.kill(pid, 'SIGINT')
  while (isAlive(pid)) await delay(5)
}

/** The URL of the database below `dataDir` if a server is using it at this moment; otherwise null. */
export async function findRunningUrl(dataDir: string): Promise<string | null> {
  const home = join(dataDir, 'postgres')
  const password = await readPassword(join(home, 'password'))
  let found: string | null = null
  const running = await findRunning(join(home, 'data'), (port) => (found = formatUrl(password, port)))
  if (!running) return null
  const isOrphan = await acquireOwnerLock(running.client)
  await running.client.end()
  return isOrphan ? null : found
}

/** The process id of a PostgreSQL that runs on this data directory, and a connection to it; null if there is none. */
async function findRunning(data: string, url: (port: number) => string): Promise<{ pid: number; client: pg.Client } | null> {
  const file = join(data, 'postmaster.pid')
  let attemptsLeft = 60
  for (;;) {
    // Lines: process id, data directory, start time, port, … (PostgreSQL's src/include/utils/pidfile.h)
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    if (!pid || !isAlive(pid)) return null
    if (!(await isPostgres(pid, data))) {
      // After a crash of the machine another program may have this process id; PostgreSQL would then refuse to start.
      await rm(file)
      return null
    }
    const client = await connect(url(port))
    if (client instanceof pg.Client) return { pid, client }
    // It is starting or stopping. If it stays unreachable, starting PostgreSQL below reports why it cannot start.
    if (client !== 'starting' && --attemptsLeft === 0) return null
    await delay(50)
  }
}

async function connect(url: string): Promise<pg.Client | 'starting' | 'refused'> {
  const client = new pg.Client({ connectionString: url })
  // Without a listener, an error on an idle connection would end the process. The 'end' event reports the same.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    // 57P03: cannot_connect_now
    return (error as { code?: string }).code === '57P03' ? 'starting' : 'refused'
  }
}

async function acquireOwnerLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [OWNER_LOCK_ID])
  return rows[0]!.taken
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether this process is a PostgreSQL on this data directory. True if that cannot be determined. */
async function isPostgres(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'linux') {
    // PostgreSQL's working directory is its data directory.
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => null)
    return directory === null || directory === (await realpath(data))
  }
  if (process.platform === 'darwin') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => ({ stdout: 'postgres' }))
    return stdout.includes('postgres')
  }
  return true
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Collects stderr. The returned function gives its last six lines, as one line. */
function captureOutput(child: ChildProcess): () => string {
  let text = ''
  child.stderr!.on('data', (chunk) => (text = (text + chunk).slice(-2000)))
  return () => text.trim().split('\n').slice(-6).join(' · ')
}
