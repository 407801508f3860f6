/** Servers that are processes, and their data, for one test: both are gone after it. */
import { onTestFinished } from 'vitest'
import {
  createDataDirectory,
  LOCAL,
  removeDataDirectory,
  type Running,
  type ServerProcess,
  serving,
  spawnHandshake,
} from './spawn.ts'

/** `handshake …args`, with these variables and no others of ours; `root` is another copy of the project. */
export function handshake(env: Record<string, string>, args: readonly string[] = [], root?: string): Running {
  const running = spawnHandshake(env, args, root)
  onTestFinished(async () => void (await running.kill('SIGKILL')))
  return running
}

/** Starts a server on a port of the system's choice and waits until it serves. */
export const startServer = (env: Record<string, string>): Promise<ServerProcess> => serving(handshake({ ...LOCAL, ...env }))

/** An empty directory, which is gone after the test with any PostgreSQL that still runs on it. */
export async function dataDirectory(): Promise<string> {
  const directory = await createDataDirectory()
  onTestFinished(() => removeDataDirectory(directory))
  return directory
}
