/**
 * Starts the whole server as a separate process, as an operator starts it, and handles the files it leaves. The caller must end
 * it.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../server/base/root.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that has been started. */
export interface Running {
  /** Everything that it has printed so far. */
  readonly said: { out: string; err: string }
  /** Resolves when it has ended and all its output has been read. */
  readonly ended: Promise<Ended>
  /** Resolves once its output on either stream matches; rejects if it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends a signal and resolves when it has ended. */
  kill(signal: NodeJS.Signals): Promise<Ended>
}

export interface ServerProcess extends Running {
  readonly port: number
  /** The token of the teacher's one-time link. */
  readonly link: string
}

/**
 * Runs `handshake …args` with only these environment variables, apart from PATH and HOME; `root` may be another copy of the
 * project.
 */
export function spawnHandshake(env: Record<string, string>, args: readonly string[] = [], root = ROOT): Running {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [join(root, 'scripts/handshake.mjs'), ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  const running: Running = {
    said,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(said.out) ?? pattern.exec(said.err)
          if (match) resolve(match)
        }
        for (const stream of [child.stdout, child.stderr]) stream.on('data', look)
        look()
        void ended.then(({ code, signal }) => reject(new Error(`the server ended (${code ?? signal}): ${said.err || said.out}`)))
      }),
    kill(signal) {
      child.kill(signal)
      return ended
    },
  }
  child.stdout.on('data', (chunk) => (said.out += chunk))
  child.stderr.on('data', (chunk) => (said.err += chunk))
  return running
}

/** Environment of a server on a port that the system chooses, reachable only from this machine. */
export const LOCAL = { HOST: '127.0.0.1', PORT: '0' } as const

/** Waits until a started server is ready to serve. */
export async function serving(running: Running): Promise<ServerProcess> {
  const [, port, link] = await running.until(/http:\/\/[^\s:]+:(\d+)\/teach#link=(\S+)[^]*Ctrl-C/)
  return { ...running, port: Number(port), link: link as string }
}

/** Creates an empty directory. */
export async function createDataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'handshake-data-'))
  // If the tests run as root, PostgreSQL runs under another account, which needs access to the directory.
  await chmod(directory, 0o755)
  return directory
}

/** Removes the directory, and stops any PostgreSQL that still runs on it. */
export async function removeDataDirectory(directory: string): Promise<void> {
  const pid = postmaster(directory)
  if (pid !== null && isAlive(pid)) process.kill(pid, 'SIGKILL')
  await rm(directory, { recursive: true, force: true, maxRetries: 10 })
}

/** The process id of the PostgreSQL that runs, or was killed, on this data; null if it was shut down. */
export function postmaster(dataDir: string): number | null {
  try {
    return Number(postmasterFile(dataDir)[0])
  } catch {
    return null
  }
}

/** The URL of the PostgreSQL that runs on this data. */
export function postgresOf(dataDir: string): string {
  const password = readFileSync(join(dataDir, 'postgres/password'), 'utf8').trim()
  return `postgresql://handshake:${password}@127.0.0.1:${postmasterFile(dataDir)[3]}/postgres`
}

const postmasterFile = (dataDir: string) => readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
