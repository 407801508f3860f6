/** The disk fills up under a server, and there is room again. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Lesson } from '../support/lesson.ts'
import { dataDirectory, emptyDirectory, startServer } from '../support/process.ts'
import { postgresOf, postmaster } from '../support/spawn.ts'
import { numbers } from '../support/random.ts'
import { expectAllWritten } from '../support/written.ts'
import { SEED } from '../support/volume.ts'

/** Room for the database of a lesson, and little else. */
const DISK = '96m'

const mount = (directory: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=0755`, 'tmpfs', directory], { stdio: 'ignore' })
const unmount = (directory: string) => execFileSync('umount', ['--lazy', directory])

/** Only root may mount a file system, and not in every container. */
const canMount = (() => {
  const directory = mkdtempSync(join(tmpdir(), 'handshake-disk-'))
  try {
    mount(directory)
    unmount(directory)
    return true
  } catch {
    return false
  } finally {
    rmdirSync(directory)
  }
})()

/** Mounts a small file system of its own, until the test ends. */
async function smallDisk(): Promise<string> {
  const directory = await emptyDirectory()
  mount(directory)
  onTestFinished(() => {
    const pid = postmaster(directory)
    if (pid !== null) process.kill(pid, 'SIGKILL')
    unmount(directory)
  })
  return directory
}

/** Writes a file until the disk is full. Returns a function that removes it. */
function fill(directory: string): () => void {
  const path = join(directory, 'full')
  const file = openSync(path, 'w')
  for (const piece of [Buffer.alloc(1 << 20), Buffer.alloc(1 << 12)])
    try {
      while (writeSync(file, piece) > 0);
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
    }
  closeSync(file)
  return () => rmSync(path)
}

if (canMount)
  test(`the disk is full: acts are "unavailable" and one line says why; once there is room, play goes on and nothing is lost (SEED=${SEED})`, async () => {
    const disk = await smallDisk()
    const dataDir = await dataDirectory(disk)
    const server = await startServer({ DATA_DIR: dataDir })
    const lesson = await Lesson.open({ port: server.port, link: server.link, pairs: 4, playlist: ['handshake', 'data'] })
    const playing = lesson.playAll(0, SEED)
    const moment = 5 + Math.floor(numbers(SEED)() * 10)
    await lesson.changed.until(() => lesson.moments >= moment)
    const makeRoom = fill(disk)
    const isRefused = () => lesson.students.some(({ connection }) => connection.failures.includes('unavailable'))
    await lesson.changed.until(isRefused)
    makeRoom()
    await playing
    await lesson.playAll(1, SEED)
    await expectAllWritten(postgresOf(dataDir), lesson)
    expect(server.said.err.trimEnd().split('\n')).toEqual([
      'The disk of the database is full: nothing is accepted until there is room again. What was acknowledged is safe.',
    ])
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })
