/**
 * The database dies under a server: acknowledged actions are kept, and the server ends or waits, depending on whether it started
 * the database itself.
 */
import { expect, test } from 'vitest'
import { startEmbedded } from '../../server/database/embedded.ts'
import { Lesson } from '../support/lesson.ts'
import { dataDirectory, startServer } from '../support/process.ts'
import { postgresOf, postmaster } from '../support/spawn.ts'
import { startProxy } from '../support/proxy.ts'
import { numbers } from '../support/random.ts'
import { expectAllWritten } from '../support/written.ts'
import { SEED } from '../support/volume.ts'

/** Resolves at a moment in the middle of play. */
async function midway(lesson: Lesson): Promise<void> {
  const moment = lesson.moments + 5 + Math.floor(random() * 40)
  await lesson.changed.until(() => lesson.moments >= moment)
}
const random = numbers(SEED)

test(`the embedded PostgreSQL is killed: one line and exit 1; then together with the server: both come back, and nothing acknowledged is lost (SEED=${SEED})`, async () => {
  const dataDir = await dataDirectory()
  let server = await startServer({ DATA_DIR: dataDir })
  const proxy = await startProxy([server.port])
  const startAgain = async () => {
    server = await startServer({ DATA_DIR: dataDir })
    proxy.targets = [server.port]
  }
  const lesson = await Lesson.open({ port: proxy.port, link: server.link, pairs: 4, playlist: ['handshake'] })
  const playing = lesson.playAll(0, SEED)
  await midway(lesson)

  process.kill(postmaster(dataDir)!, 'SIGKILL')
  expect(await server.ended).toEqual({ code: 1, signal: null })
  const lines = server.said.err.trimEnd().split('\n')
  expect(lines).toEqual([
    expect.stringMatching(/^The database has stopped: .+\. Start the server again; what was acknowledged is safe\.$/),
  ])
  await startAgain()
  await midway(lesson)

  process.kill(postmaster(dataDir)!, 'SIGKILL')
  await server.kill('SIGKILL')
  await startAgain()
  await playing
  await expectAllWritten(postgresOf(dataDir), lesson)
})

test(`the database of DATABASE_URL goes and comes back: \`unavailable\` meanwhile, then play goes on (SEED=${SEED})`, async () => {
  const dataDir = await dataDirectory()
  const database = await startEmbedded(dataDir)
  const wire = await startProxy([Number(new URL(database.url).port)])
  const url = Object.assign(new URL(database.url), { port: `${wire.port}` }).href
  const server = await startServer({ DATABASE_URL: url })
  const lesson = await Lesson.open({ port: server.port, link: server.link, pairs: 4, playlist: ['handshake'] })
  const playing = lesson.playAll(0, SEED)
  await midway(lesson)

  process.kill(postmaster(dataDir)!, 'SIGKILL')
  wire.targets = []
  await lesson.changed.until(() => lesson.students.some(({ connection }) => connection.failures.includes('unavailable')))
  const health = await fetch(`http://127.0.0.1:${server.port}/readyz`)
  expect(health.status).toBe(503)

  const back = await startEmbedded(dataDir)
  wire.targets = [Number(new URL(back.url).port)]
  await Promise.all([playing, server.until(/The database is back\./)])
  expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(200)
  await expectAllWritten(back.url, lesson)
  expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(server.said.err.trimEnd().split('\n')).toEqual([
    'The database does not answer: what needs it is answered "unavailable" until it is back.',
    'The database is back.',
  ])
  await back.stop()
})
