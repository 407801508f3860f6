/** Starts, finds and stops a PostgreSQL process on its own data directory. */
import { type ChildProcess, execFile } from 'node:child_process'
import { readFile, readlink, realpath, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { DatabaseError } from './error.ts'
import type { findPostgres } from './postgres-binaries.ts'

/** The PostgreSQL programs and the account that they run as. */
export type Postgres = ReturnType<typeof findPostgres>

/** Real ms. */
const POLL_INTERVAL_MS = 20
/** How long to wait for a PostgreSQL that is starting or stopping. */
const TRANSITION_TIMEOUT_MS = 60_000
/** How long a fast and an immediate shutdown may take before the next, more forceful one. */
const SHUTDOWN_TIMEOUTS_MS = { fast: 10_000, immediate: 5_000 }

/** Starts PostgreSQL on a free port and waits until it accepts connections. */
export async function startPostgres(postgres: Postgres, data: string, inUse: () => DatabaseError) {
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
    if (readOutput().includes('lock file "postmaster.pid" already exists')) throw inUse()
    const cause = explainFailure(readOutput(), data)
    if (cause !== null) throw new DatabaseError(cause)
    // Another program may have taken the port in the meantime.
    if (attempt === 3 || !readOutput().includes('TCP/IP')) throw new DatabaseError(`PostgreSQL did not start: ${readOutput()}`)
  }
}

/**
 * Advice for the operator about a message of PostgreSQL or Node.js that it cannot write below `path`; null for other messages.
 */
export function explainFailure(output: string, path: string): string | null {
  if (/No space left on device|ENOSPC/.test(output))
    return `The disk is full: nothing can be written in ${path}. Make room and start again.`
  if (/Read-only file system|EROFS/.test(output))
    return `Nothing can be written in ${path}: its file system is read-only. Set DATA_DIR to another directory.`
  if (/Permission denied|Operation not permitted|has wrong ownership|EACCES|EPERM/.test(output))
    return `This account may not write in ${path}. Start the server as the account that made the data, or set DATA_DIR to another directory.`
  return null
}

/**
 * Stops PostgreSQL and resolves when its process has ended. The fast shutdown closes all connections. If PostgreSQL does not end
 * after that, for example because it is recovering from a crash, it is shut down immediately, and finally killed. Committed data
 * is on disk in each case.
 */
export async function stopPostgres(
  postgres: Postgres,
  data: string,
  pid: number,
  timeoutsMs = SHUTDOWN_TIMEOUTS_MS,
): Promise<void> {
  if (process.platform === 'win32') {
    postgres.start('pg_ctl', ['stop', '-D', data, '-m', 'fast', '--no-wait'], 'ignore')
    while (isAlive(pid)) await delay(POLL_INTERVAL_MS)
    return
  }
  for (const [signal, timeoutMs] of [
    ['SIGINT', timeoutsMs.fast],
    ['SIGQUIT', timeoutsMs.immediate],
    ['SIGKILL', Infinity],
  ] as const) {
    if (isAlive(pid)) process.kill(pid, signal)
    for (let waitedMs = 0; isAlive(pid) && waitedMs < timeoutMs; waitedMs += POLL_INTERVAL_MS) await delay(POLL_INTERVAL_MS)
  }
}

/** A PostgreSQL process that is running. */
export interface RunningPostgres {
  readonly pid: number
  /** Null if it accepts no connections and no server owns it. */
  readonly client: pg.Client | null
}

/**
 * Finds the PostgreSQL that runs on this data directory; null if there is none. Waits for one that is starting or stopping. If
 * that takes too long, `hasOwner` decides: without a living server it is an orphan, otherwise a `DatabaseError` is thrown.
 */
export async function findRunning(
  data: string,
  url: (port: number) => string,
  hasOwner: () => Promise<boolean>,
): Promise<RunningPostgres | null> {
  const file = join(data, 'postmaster.pid')
  let refusalsLeft = 60
  for (let waitedMs = 0; ; waitedMs += 50) {
    // Lines: process id, data directory, start time, port, … (PostgreSQL's src/include/utils/pidfile.h)
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    if (!pid || !isAlive(pid)) return null
    if (!(await isPostgres(pid, data))) {
      // After a crash of the machine another program may have this process id; PostgreSQL would then refuse to start.
      await rm(file)
      return null
    }
    const client = await tryConnect(url(port))
    if (client instanceof pg.Client) return { pid, client }
    // If it stays unreachable, starting another PostgreSQL reports why it cannot start.
    if (client === 'refused' && --refusalsLeft === 0) return null
    if (waitedMs >= TRANSITION_TIMEOUT_MS) {
      if (!(await hasOwner())) return { pid, client: null }
      throw new DatabaseError(
        `The PostgreSQL on ${data} (process ${pid}) has been starting or stopping for a minute. Wait until it has finished, or end it, and start again.`,
      )
    }
    await delay(50)
  }
}

/**
 * Connects to PostgreSQL. Resolves to `starting` if it does not accept connections yet, and to `refused` after any other error.
 */
export async function tryConnect(url: string): Promise<pg.Client | 'starting' | 'refused'> {
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

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
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

/** Collects stderr. The returned function returns its last six lines, joined in one line. */
export function captureOutput(child: ChildProcess): () => string {
  let text = ''
  child.stderr!.on('data', (chunk) => (text = (text + chunk).slice(-2000)))
  return () => text.trim().split('\n').slice(-6).join(' · ')
}
