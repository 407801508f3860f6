/** A redis-server for one test, on a port that the system chose. It can be killed and started again. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './ports.ts'
import { redisServer } from '../../scripts/lib/programs.mjs'

export interface TestRedis {
  readonly url: string
  /** Kills the process without a shutdown. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** False if Debian's `redis-server` is not installed. Tests that need it are then skipped. */
export const hasRedis = redisServer !== null

/** Starts a redis-server. */
export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'handshake-redis-'))
  const port = await freePort()
  let child: ChildProcess | null = null

  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--daemonize', 'no']
      const started = spawn(redisServer as string, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      child = started
      for await (const line of started.stdout) if (String(line).includes('Ready to accept connections')) return
      throw new Error('redis-server did not start')
    },
    async kill() {
      if (!child) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      child = null
      await gone
    },
    async stop() {
      await redis.kill()
      rmSync(folder, { recursive: true })
    },
  }
  await redis.start()
  return redis
}
