/** Server processes and their data for one test. Both are removed after it. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject, onTestFinished } from 'vitest'
import {
  createDataDirectory,
  LOCAL,
  removeDataDirectory,
  type Running,
  type ServerProcess,
  serving,
  spawnHandshake,
} from './spawn.ts'

/**
 * Runs `handshake …args` with only these environment variables, apart from PATH and HOME; `root` may be another copy of the
 * project.
 */
export function handshake(env: Record<string, string>, args: readonly string[] = [], root?: string): Running {
  const running = spawnHandshake(env, args, root)
  onTestFinished(async () => void (await running.kill('SIGKILL')))
  return running
}

/** Starts a server on a port that the system chooses, and waits until it serves. */
export const startServer = (env: Record<string, string>): Promise<ServerProcess> => serving(handshake({ ...LOCAL, ...env }))

/** Creates an empty directory. After the test it is removed, and any PostgreSQL that still runs on it is stopped. */
export async function emptyDirectory(): Promise<string> {
  const directory = await createDataDirectory()
  onTestFinished(() => removeDataDirectory(directory))
  return directory
}

/** Creates a data directory, in an empty one, with the empty database that a first start leaves. */
export async function dataDirectory(empty?: string): Promise<string> {
  const directory = empty ?? (await emptyDirectory())
  // With the owner, under whose account PostgreSQL runs.
  await promisify(execFile)('cp', ['-a', join(inject('usedData'), '.'), directory])
  return directory
}
