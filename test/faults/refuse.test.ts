/** A start that is impossible: one line says why, and a server that is already running is not disturbed. */
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { Lesson } from '../support/lesson.ts'
import { dataDirectory, handshake, startServer } from '../support/process.ts'
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
  const lesson = await Lesson.open({ port: first.port, link: first.link, pairs: 4, playlist: ['handshake', 'data'] })
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
  const dataDir = await dataDirectory()
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
  [{ PORT: '80a' }, /^PORT=80a is not a port/],
  [{ PORT: '70000' }, /^PORT=70000 is not a port/],
  [{ HOST: 'no host' }, /^HOST=no host is not a host/],
  [{ HOST: '192.0.2.1' }, /^This machine does not have the address that HOST names/],
  [{ DATABASE_URL: 'mysql://root:secret@127.0.0.1/x' }, /^DATABASE_URL is not an address that can be used(?!.*secret)/],
  [
    { DATABASE_URL: 'postgresql://who:secret@127.0.0.1:1/x' },
    /^The database at 127\.0\.0\.1:1 cannot be reached(?!.*secret).*DATABASE_URL/,
  ],
  [{ REDIS_URL: 'localhost:6379' }, /^REDIS_URL is not an address that can be used/],
  [{ REDIS_URL: 'redis://:secret@127.0.0.1:1' }, /^The Redis that REDIS_URL names cannot be reached(?!.*secret)/],
  [{ BASE_URL: 'https://tcp.example.org/class' }, /^BASE_URL=\S+ has a path/],
  [{ DATA_DIR: '/dev/null/data' }, /^The data directory \/dev\/null\/data cannot be made .+ Set DATA_DIR to another one\.$/],
])('%o: one line', async (env: Record<string, string>, line) => {
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
