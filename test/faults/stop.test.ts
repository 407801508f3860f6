/** A server that is told to stop during play notifies everybody, finishes what it is writing, and leaves no process running. */
import { expect, test } from 'vitest'
import { Lesson } from '../support/lesson.ts'
import { dataDirectory, startServer } from '../support/process.ts'
import { isAlive, postgresOf, postmaster } from '../support/spawn.ts'
import { startProxy } from '../support/proxy.ts'
import { numbers } from '../support/random.ts'
import { expectAllWritten } from '../support/written.ts'
import { SEED } from '../support/volume.ts'

/** Real ms. */
const AT_ONCE = 5_000

test(`SIGTERM, and SIGINT, in the middle of play: bye, everything written, exit 0 (SEED=${SEED})`, async () => {
  const random = numbers(SEED)
  const dataDir = await dataDirectory()
  let server = await startServer({ DATA_DIR: dataDir })
  const proxy = await startProxy([server.port])
  const lesson = await Lesson.open({ port: proxy.port, link: server.link, pairs: 4, playlist: ['handshake'] })
  const playing = lesson.playAll(0, SEED)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const byes = lesson.students.map(({ connection }) => new Promise<void>((resolve) => connection.socket.once('bye', resolve)))
    const moment = lesson.moments + 5 + Math.floor(random() * 40)
    await lesson.changed.until(() => lesson.moments >= moment)
    const database = postmaster(dataDir)
    const asked = performance.now()
    expect(await server.kill(signal)).toEqual({ code: 0, signal: null })
    expect(performance.now() - asked).toBeLessThan(AT_ONCE)
    await Promise.all(byes)
    expect(server.said.err).toBe('')
    expect(isAlive(database!)).toBe(false)
    expect(postmaster(dataDir), 'PostgreSQL was stopped, not lost').toBeNull()

    server = await startServer({ DATA_DIR: dataDir })
    proxy.targets = [server.port]
  }
  await playing
  await expectAllWritten(postgresOf(dataDir), lesson)
})
