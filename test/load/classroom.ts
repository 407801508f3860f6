/**
 * Measures accepted actions per second, judged and durable. The references are a bare Socket.IO relay with the same number and
 * size of messages, and a relay that writes the same rows first. Closed loop: each pair plays as fast as it is answered. The
 * servers are measured in turn, several times. If the system can pin processes (Linux), the server and its database have one core
 * and the load another.
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
import { recordRound, type Exchange } from './exchange.ts'
import { BEGIN, CPU, END, SERVERS, type CpuUsed, type Listening, type Measured, type ServerKind } from './messages.ts'

export interface Options {
  /** Seconds of each measurement. */
  readonly seconds: number
  /** Measurements of each kind. */
  readonly times: number
  readonly pairs: readonly number[]
}

/** Real ms until the code is compiled by the JIT. */
const WARM_UP = 5_000

const pins = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0

interface Result extends Measured {
  readonly rate: number
  /** Processor time of the server process per action in µs, and the share of the time that the load process was busy. */
  readonly cpu: number
  readonly loadBusy: number
  /** Null if there is no database. */
  readonly database: DatabaseCost | null
}

/** The cost of an action in PostgreSQL. */
interface DatabaseCost {
  /** Processor time of its processes in µs. NaN if the system does not report it (other than Linux). */
  readonly cpu: number
  /** Octets that a row takes in its table and in the write-ahead log. */
  readonly rowBytes: number
  readonly walBytes: number
}

const BUILT = join(ROOT, 'dist/bench')

export async function benchClassroom({ seconds, times, pairs: pairings }: Options): Promise<void> {
  // Server and load are bundled in the same way as the server itself.
  await build({
    configFile: join(ROOT, 'vite.server.config.ts'),
    build: { outDir: BUILT, ssr: true, rolldownOptions: { input: ['test/load/server.ts', 'test/load/load.ts'] } },
  })
  console.log(pins ? 'Server and database on one core, load on another.' : 'Nothing pinned.')
  console.log(`${times} × ${seconds} s each, in turn; closed loop; medians\n`)
  await printMessageSizes()
  console.log(
    'pairs  what             actions/s    p50 ms    p99 ms   server µs/action   load busy   of the relay   database µs   CPU × relay   row B   WAL B',
  )

  for (const pairs of pairings) {
    const results: { [K in ServerKind]: Result[] } = { relay: [], 'writing relay': [], classroom: [] }
    for (let i = 0; i < times; i++) for (const kind of SERVERS) results[kind].push(await measure(kind, pairs, seconds))
    const median = (kind: ServerKind, of: (result: Result) => number) =>
      results[kind].map(of).sort((a, b) => a - b)[Math.floor(times / 2)] ?? NaN
    for (const kind of SERVERS) {
      const ratio = median(kind, (r) => r.rate) / median('relay', (r) => r.rate)
      console.log(
        [
          String(pairs).padStart(5),
          kind.padEnd(15),
          median(kind, (r) => r.rate)
            .toFixed(0)
            .padStart(10),
          median(kind, (r) => r.p50)
            .toFixed(1)
            .padStart(9),
          median(kind, (r) => r.p99)
            .toFixed(1)
            .padStart(9),
          median(kind, (r) => r.cpu)
            .toFixed(0)
            .padStart(18),
          `${(100 * median(kind, (r) => r.loadBusy)).toFixed(0)} %`.padStart(11),
          ratio.toFixed(2).padStart(14),
          median(kind, ({ database }) => database?.cpu ?? 0)
            .toFixed(0)
            .padStart(13),
          (median(kind, totalCpu) / median('relay', totalCpu)).toFixed(2).padStart(13),
          median(kind, ({ database }) => database?.rowBytes ?? 0)
            .toFixed(0)
            .padStart(7),
          median(kind, ({ database }) => database?.walBytes ?? 0)
            .toFixed(0)
            .padStart(7),
        ].join(' '),
      )
    }
    const refused = results.classroom.reduce((sum, r) => sum + r.refused, 0)
    if (refused > 0) throw new Error(`${refused} actions were not accepted: the numbers above are worth nothing`)
  }
}

const totalCpu = ({ cpu, database }: Result) => cpu + (database?.cpu ?? 0)

/** Prints the size of an act's messages to each seat, in octets of JSON. */
async function printMessageSizes(): Promise<void> {
  const round = await recordRound()
  const sizes = (of: (exchange: Exchange) => unknown) => round.map((exchange) => Buffer.byteLength(JSON.stringify(of(exchange))))
  const describe = (octets: readonly number[]) =>
    `${(octets.reduce((sum, n) => sum + n, 0) / octets.length).toFixed(0)} on average, ${Math.max(...octets)} at most`
  console.log(`octets of a reply ${describe(sizes(({ own }) => ({ ok: true, views: own })))}`)
  console.log(
    `octets of the partner's view ${describe(sizes(({ entry, partner }) => ({ round: entry.roundId, view: partner })))}\n`,
  )
}

async function measure(kind: ServerKind, pairs: number, seconds: number): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'handshake-bench-'))
  const server = child('server', [kind, join(folder, 'data')], 0)
  try {
    const { url } = await said<Listening>(server)
    const load = child('load', [url, String(pairs)], 1)
    try {
      await delay(WARM_UP)
      const readUse = () => (kind === 'relay' ? null : readDatabaseUse(join(folder, 'data')))
      const before = [await ask<CpuUsed>(server, CPU), await ask<CpuUsed>(load, CPU)]
      const useBefore = await readUse()
      load.send(BEGIN)
      const began = performance.now()
      await delay(seconds * 1000)
      const measured = await ask<Measured>(load, END)
      const took = performance.now() - began
      const after = [await ask<CpuUsed>(server, CPU), await ask<CpuUsed>(load, CPU)]
      const useAfter = await readUse()
      const database = useBefore &&
        useAfter && {
          cpu: (useAfter.cpu - useBefore.cpu) / measured.acts,
          walBytes: (useAfter.wal - useBefore.wal) / (useAfter.rows - useBefore.rows),
          rowBytes: useAfter.rowBytes,
        }
      const used = (i: number) => after[i]!.cpu - before[i]!.cpu
      const loadBusy = used(1) / (1000 * took)
      return { ...measured, rate: (measured.acts * 1000) / took, cpu: used(0) / measured.acts, loadBusy, database }
    } finally {
      await end(load)
    }
  } finally {
    await end(server)
    rmSync(folder, { recursive: true })
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

function child(file: 'server' | 'load', args: readonly string[], core: number): ChildProcess {
  const command = [process.execPath, join(BUILT, `${file}.js`), ...args]
  const [program, ...rest] = pins ? ['taskset', '-c', String(core), ...command] : command
  return spawn(program as string, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

function said<T>(process: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    process.once('message', (message) => resolve(message as T))
    process.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)))
  })
}

function ask<T>(process: ChildProcess, question: string): Promise<T> {
  const answer = said<T>(process)
  process.send(question)
  return answer
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return
  const gone = new Promise((resolve) => process.once('exit', resolve))
  process.disconnect()
  await gone
}
