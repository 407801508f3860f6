/** A start that is impossible: one line says why, and a server that is already running is not disturbed. */
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { Lesson } from '../support/lesson.ts'
import { dataDirectory, emptyDirectory, handshake, startServer } from '../support/process.ts'
import { isAlive, postgresOf, postmaster, type Running } from '../support/spawn.ts'
import { SEED } from '../support/volume.ts'
import { expectAllWritten } from '../support/written.ts'

async function expectRefused(server: Running, line: RegExp): Promise<void> {
  expect(await server.ended).toEqual({ code: 1, signal: null })
  expect(server.said.out).toBe('')
  expect(server.said.err.trimEnd().split('\n')).toEqual([expect.stringMatching(line)])
}

const IN_USE = /^Another Handshake Classroom is using the data in .+\. Stop it first, or set DATA_DIR to another directory\.$/

test(`a second process on the same data directory: one line, exit 1, and the first plays on (SEED=${SEED})`, async () => {
  const dataDir = await dataDirectory()
  const first = await startServer({ DATA_DIR: dataDir })
  const lesson = await Lesson.open({ port: first.port, link: first.link, pairs: 2, playlist: ['handshake', 'data'] })
  const disconnected = lesson.students.map(({ connection }) => {
    const count = { of: 0 }
    connection.socket.on('disconnect', () => count.of++)
    return count
  })
  const database = postmaster(dataDir)
  const playing = lesson.playAll(0, SEED)
  await expectRefused(handshake({ PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir }), IN_USE)
  await playing
  await lesson.playAll(1, SEED)
  expect(disconnected.every(({ of }) => of === 0)).toBe(true)
  expect(postmaster(dataDir)).toBe(database)
  await expectAllWritten(postgresOf(dataDir), lesson)
})

test('two processes started at once on an empty directory: one serves, the other says one line', async () => {
  const dataDir = await emptyDirectory()
  const both = [0, 1].map(() => handshake({ PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir }))
  const loser = await Promise.race(both.map((server) => server.ended.then(() => server)))
  const winner = both.find((server) => server !== loser)!
  await expectRefused(loser, IN_USE)
  await winner.until(/Ctrl-C/)
  expect(await winner.kill('SIGTERM')).toEqual({ code: 0, signal: null })
})

test('a port in use: one line, and no PostgreSQL is left', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const dataDir = await dataDirectory()
  const server = handshake({ PORT: `${port}`, HOST: '127.0.0.1', DATA_DIR: dataDir })
  await expectRefused(server, new RegExp(`^Port ${port} is in use by another program\\. Stop it, or choose another port`))
  expect(postmaster(dataDir)).toBeNull()
})

test.each([
  ['a value that cannot be used, before anything is started', { PORT: '80a' }, /^PORT=80a is not a port/],
  ['an address that another machine has', { HOST: '192.0.2.1' }, /^This machine does not have the address that HOST names/],
])('%s: one line, and no PostgreSQL is left', async (_, env, line) => {
  const dataDir = await dataDirectory()
  await expectRefused(handshake({ PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir, ...env }), line)
  const left = postmaster(dataDir)
  expect(left === null || !isAlive(left)).toBe(true)
})

// Not even root can make a directory in it.
if (process.platform === 'linux')
  test('a data directory that cannot be written: one line that names the cause', async () => {
    await expectRefused(
      handshake({ PORT: '0', HOST: '127.0.0.1', DATA_DIR: '/sys' }),
      /^(This account may not write|Nothing can be written) in \/sys\b/,
    )
  })
