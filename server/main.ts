/** Starts one node: reads the configuration, opens the database, starts the server, prints its addresses, and stops cleanly. */
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { listServerUrls } from './base/addresses.ts'
import { buildApp } from './app.ts'
import { type Config, ConfigError, readConfig } from './base/config.ts'
import { openDatabase, type Database } from './database/open.ts'
import { createMetrics } from './base/metrics.ts'
import { DatabaseError } from './database/error.ts'
import { ExerciseError, loadExercises } from '../exercises/load.ts'
import { createPostgresLog } from './rounds/log-postgres.ts'
import { ROOT } from './base/root.ts'
import { openDemo } from './lessons/demo.ts'
import { createTeachers, DEFAULT_TEACHER_ID } from './identity/teachers.ts'

/** Real ms after which the process exits although stopping has not finished. */
const SHUTDOWN_TIMEOUT_MS = 10_000

/**
 * Resolves when the server listens. Rejects with an error; for those that the operator can fix, `toUserMessage` gives one line.
 * `demo`: opens a lesson in which a program plays the students.
 */
export async function start({ demo = false } = {}, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const config = readConfig(env)
  const exercises = loadExercises(join(ROOT, 'exercises'))
  const stopping = waitForStopSignal()
  const database = await openDatabase(config)
  try {
    await serve({ config, exercises, database, stopping, demo })
  } catch (error) {
    await database.close()
    throw error
  }
}

interface Serving {
  readonly config: Config
  readonly exercises: ReturnType<typeof loadExercises>
  readonly database: Database
  /** Resolves when the server is to stop. */
  readonly stopping: Promise<void>
  readonly demo: boolean
}

async function serve({ config, exercises, database, stopping, demo }: Serving): Promise<void> {
  const { prisma } = database
  const metrics = config.metricsToken === null ? undefined : createMetrics()
  const log = createPostgresLog(database, metrics)
  const { http, lessons } = await buildApp({ config, prisma, log, exercises, metrics })
  await http.listen({ port: config.port, host: config.host })
  const token = await createTeachers({ prisma, now: () => new Date() }).createLink()
  if (demo) await openDemo(lessons, DEFAULT_TEACHER_ID)
  announce({ config, port: (http.server.address() as AddressInfo).port, token, demo })

  // Announce the stop to sockets, then finish pending writes, then stop the database.
  const stop = async () => {
    const forceExit = setTimeout(() => process.exit(1), SHUTDOWN_TIMEOUT_MS).unref()
    await http.close()
    await log.close()
    await database.close()
    clearTimeout(forceExit)
  }
  void Promise.race([stopping, database.lost]).then(async (lost) => {
    if (lost) {
      console.error(lost.message)
      process.exitCode = 1
    }
    await stop()
    if (!lost) console.log('Stopped.')
    process.exit()
  })
}

/** Resolves at the first Ctrl-C or other stop signal. A second signal ends the process at once. */
function waitForStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let stopRequested = false
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (stopRequested) process.exit(130)
        stopRequested = true
        resolve()
      })
  })
}

function announce({ config, port, token, demo }: Pick<Serving, 'config' | 'demo'> & { port: number; token: string }): void {
  const here = `http://localhost:${port}`
  const [first = here, ...others] = listServerUrls(config, port)
  console.log(
    [
      '',
      `  Students open    ${first}`,
      ...(others.length > 0 ? [`  or               ${others.join('  ')}`] : []),
      `  Teacher, once    ${config.baseUrl ?? here}/teach#link=${token}`,
      ...(demo ? ['  Demo             a lesson of simulated students is under way, on the teacher’s page'] : []),
      `  Data             ${config.databaseUrl ? 'in the database that DATABASE_URL names' : config.dataDir}`,
      '',
      '  Ctrl-C stops it.',
      '',
    ].join('\n'),
  )
}

/** One line for errors that the operator can fix; null for all others. */
export function toUserMessage(error: unknown): string | null {
  if (error instanceof ConfigError || error instanceof DatabaseError || error instanceof ExerciseError) return error.message
  const { code, port, syscall } = error as NodeJS.ErrnoException & { port?: number }
  if (syscall !== 'listen') return null
  if (code === 'EADDRINUSE') return `Port ${port} is in use by another program. Stop it, or choose another port, as in PORT=8090.`
  if (code === 'EACCES') return `Port ${port} may not be used without special rights. Choose one above 1023, as in PORT=8080.`
  if (code === 'EADDRNOTAVAIL')
    return `This machine does not have the address that HOST names. HOST=0.0.0.0 means all of its addresses.`
  return null
}
