/**
 * The processes of the bench: a server, its database, and the load. If the system can pin processes (Linux), the server and its
 * database have one core and the load another.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { build } from 'vite'
import { ROOT } from '../../server/base/root.ts'
import { query } from '../support/postgres.ts'
import { postgresOf, postmaster } from '../support/spawn.ts'
import {
  BEGIN,
  CPU,
  END,
  JOINED,
  MEMORY,
  type CpuUsed,
  type Joined,
  type Listening,
  type Measured,
  type MemoryUsed,
  type Question,
  type ServerKind,
} from './messages.ts'

/** Whether processes are pinned to cores. */
export const isPinned = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0

/** The cost of the measured acts. */
export interface Usage {
  /** Processor time of the server process per act in µs, and the share of the time that the load process was busy. */
  readonly cpu: number
  readonly loadBusy: number
  /** Null if there is no database. */
  readonly database: DatabaseCost | null
}

/** The cost of an act in PostgreSQL. */
interface DatabaseCost {
  /** Processor time of its processes in µs. NaN if the system does not report it (other than Linux). */
  readonly cpu: number
  /** Octets that a row takes in its table and in the write-ahead log. */
  readonly rowBytes: number
  readonly walBytes: number
}

/** A server with pairs of clients who play. */
export interface System {
  /** The memory of the server process before the first client connects. */
  readonly emptyMemory: MemoryUsed
  /** Resolves when all clients have their place in a round, to the seconds that this took since the first one connected. */
  waitUntilJoined(): Promise<number>
  /** Plays at least so many acts without measuring them. */
  playActs(count: number): Promise<void>
  /** Measures for so many seconds. `seconds`: how long it really took. */
  measure(seconds: number): Promise<{ readonly measured: Measured; readonly usage: Usage; readonly seconds: number }>
  /** The memory of the server process. */
  readMemory(): Promise<MemoryUsed>
  end(): Promise<void>
}

export const BUILT = join(ROOT, 'dist/bench')
/** Real ms between two questions whether enough has happened. */
const POLL_MS = 200

/** Bundles servers and load in the same way as the server itself is bundled. */
export async function buildBench(): Promise<void> {
  await build({
    configFile: join(ROOT, 'vite.server.config.ts'),
    build: {
      outDir: BUILT,
      ssr: true,
      rolldownOptions: { input: ['server', 'load', 'hostile-server'].map((file) => `test/load/${file}.ts`) },
    },
  })
}

/** Starts a server and its clients. `intervalMs`: between two acts of a pair; 0: each act follows the answer to the one before. */
export async function startSystem(kind: ServerKind, pairs: number, intervalMs = 0): Promise<System> {
  const folder = mkdtempSync(join(tmpdir(), 'handshake-bench-'))
  const dataDir = join(folder, 'data')
  const server = startProcess('server', [kind, dataDir], 0)
  const { url } = await nextMessage<Listening>(server)
  const readMemory = () => ask<MemoryUsed>(server, MEMORY)
  const emptyMemory = await readMemory()
  const load = startProcess('load', [url, `${pairs}`, `${intervalMs}`], 1)

  const readUse = async () => ({
    server: await ask<CpuUsed>(server, CPU),
    load: await ask<CpuUsed>(load, CPU),
    database: kind === 'relay' ? null : await readDatabaseUse(dataDir),
  })

  return {
    emptyMemory,
    async waitUntilJoined() {
      for (;;) {
        const { seconds } = await ask<Joined>(load, JOINED)
        if (seconds !== null) return seconds
        await delay(POLL_MS)
      }
    },
    async playActs(count) {
      load.send(BEGIN)
      while ((await ask<Measured>(load, END)).acts < count) await delay(POLL_MS)
    },
    async measure(seconds) {
      const before = await readUse()
      load.send(BEGIN)
      const beganMs = performance.now()
      await delay(seconds * 1000)
      const measured = await ask<Measured>(load, END)
      const took = (performance.now() - beganMs) / 1000
      const after = await readUse()
      const database = before.database &&
        after.database && {
          cpu: (after.database.cpu - before.database.cpu) / measured.acts,
          walBytes: (after.database.wal - before.database.wal) / (after.database.rows - before.database.rows),
          rowBytes: after.database.rowBytes,
        }
      const cpu = (after.server.cpu - before.server.cpu) / measured.acts
      const loadBusy = (after.load.cpu - before.load.cpu) / (1e6 * took)
      return { measured, usage: { cpu, loadBusy, database }, seconds: took }
    },
    readMemory,
    async end() {
      await endProcess(load)
      await endProcess(server)
      rmSync(folder, { recursive: true })
    },
  }
}

/** Totals since the database was started: processor time of its processes in µs, rows, octets of its write-ahead log. */
async function readDatabaseUse(dataDir: string) {
  const cpu = readPostgresCpu(postmaster(dataDir))
  const [found] = await query<{ rows: number; wal: number; rowBytes: number }>(
    postgresOf(dataDir),
    `SELECT count(*)::int AS rows, avg(pg_column_size("Entry".*))::float AS "rowBytes",
       (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float AS wal
     FROM "Entry"`,
  )
  return { cpu, ...found! }
}

/** Processor time of a PostgreSQL's main process and its children, in µs. NaN without /proc. */
function readPostgresCpu(main: number | null): number {
  if (!existsSync('/proc/self/schedstat')) return NaN
  const read = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8')
    } catch {
      return '' // The process has ended meanwhile.
    }
  }
  // proc(5): after the name, which is in parentheses, come the state and the parent; schedstat starts with ns on a processor.
  const parentOf = (pid: string) => Number(read(pid, 'stat').split(') ')[1]?.split(' ')[1])
  const processes = readdirSync('/proc').filter((pid) => Number(pid) === main || (/^\d+$/.test(pid) && parentOf(pid) === main))
  return processes.reduce((sum, pid) => sum + Number(read(pid, 'schedstat').split(' ')[0]) / 1000, 0)
}

function startProcess(file: 'server' | 'load', args: readonly string[], core: number): ChildProcess {
  const command = [process.execPath, '--expose-gc', join(BUILT, `${file}.js`), ...args]
  const [program, ...rest] = isPinned ? ['taskset', '-c', String(core), ...command] : command
  return spawn(program as string, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

function nextMessage<T>(process: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`))
    process.once('exit', fail)
    process.once('message', (message) => {
      process.off('exit', fail)
      resolve(message as T)
    })
  })
}

function ask<T>(process: ChildProcess, question: Question): Promise<T> {
  const answer = nextMessage<T>(process)
  process.send(question)
  return answer
}

async function endProcess(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return
  const gone = new Promise((resolve) => process.once('exit', resolve))
  process.disconnect()
  await gone
}
