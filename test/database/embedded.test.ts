import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import pg from 'pg'
import { startEmbedded } from '../../server/database/embedded.ts'
import { findPostgres } from '../../server/database/postgres-binaries.ts'
import { explainFailure, isAlive, stopPostgres } from '../../server/database/postgres-process.ts'
import { query } from '../support/postgres.ts'

/** The user id of the account `nobody`. */
const NOBODY = 65534
const isRoot = process.getuid?.() === 0

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'handshake-data-'))
  await chmod(dataDir, 0o755)
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

describe('the embedded database', () => {
  it('keeps what was written over a stop and a start, on the disk before it says so', async () => {
    const first = await startEmbedded(dataDir)
    expect(await query(first.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }])
    expect(await query(first.url, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }])
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS value')
    await first.stop()
    const second = await startEmbedded(dataDir)
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }])
    await second.stop()
  })

  it('listens on the loopback alone, and lets in nobody without the password, which only its owner can read', async () => {
    const database = await startEmbedded(dataDir)
    expect(await query(database.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
    expect(await query(database.url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }])
    const guess = Object.assign(new URL(database.url), { password: 'guess' }).href
    await expect(query(guess, 'SELECT 1')).rejects.toThrow('password authentication failed')
    // Windows has no such file modes.
    if (process.platform !== 'win32') expect((await stat(join(dataDir, 'postgres/password'))).mode & 0o777).toBe(0o600)
    await database.stop()
  })

  it('says in one line that the data cannot be read', async () => {
    await (await startEmbedded(dataDir)).stop()
    await rm(join(dataDir, 'postgres/password'))
    await expect(startEmbedded(dataDir)).rejects.toThrow(
      /^The data cannot be read \(.+\)\. Start the server as the account that made them/,
    )
  })

  // Only root can change the owner of a file.
  if (isRoot)
    it('serves root what another account has made, and that account goes on owning it', async () => {
      await (await startEmbedded(dataDir)).stop()
      await promisify(execFile)('chown', ['-R', `${NOBODY}:${NOBODY}`, join(dataDir, 'postgres')])
      const database = await startEmbedded(dataDir)
      expect(await query(database.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      expect((await stat(join(dataDir, 'postgres/data/postmaster.pid'))).uid).toBe(NOBODY)
      await database.stop()
    })

  it('goes on by itself when one of its processes dies, and says so', async () => {
    const lines: string[] = []
    let tell = () => {}
    const recovered = new Promise<void>((resolve) => (tell = resolve))
    const database = await startEmbedded(dataDir, (line) => {
      lines.push(line)
      if (line.includes('has recovered')) tell()
    })
    await query(database.url, 'CREATE TABLE kept AS SELECT 7 AS value')
    const [checkpointer] = await query<{ pid: number }>(
      database.url,
      `SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'`,
    )
    process.kill(checkpointer!.pid, 'SIGKILL')
    await recovered
    expect(lines).toEqual([
      'A process of the database has died. The database recovers by itself; what was acknowledged is safe.',
      'The database has recovered and goes on.',
    ])
    expect(await query(database.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }])
    // The data is locked again: another server is refused.
    await expect(startEmbedded(dataDir)).rejects.toThrow(/^Another Handshake Classroom is using the data/)
    await database.stop()
  })

  it('is ended when it does not stop: the next start does not wait for ever', async () => {
    const database = await startEmbedded(dataDir)
    const stuck = new pg.Client({ connectionString: database.url })
    stuck.on('error', () => {})
    await stuck.connect()
    const { pid: backend } = (await stuck.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!
    const postmaster = Number((await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])
    process.kill(backend, 'SIGSTOP') // Suspended, so that it does not react to the request to end.
    try {
      const home = join(dataDir, 'postgres')
      await stopPostgres(findPostgres(home), join(home, 'data'), postmaster, { fast: 100, immediate: 100 })
      expect(isAlive(postmaster)).toBe(false)
      expect((await database.lost).message).toMatch(/^The database has stopped: it was ended by SIGKILL\./)
    } finally {
      process.kill(backend, 'SIGKILL')
    }
  })

  // Only root can copy files of other accounts.
  if (isRoot)
    it('says whose the data have to be after a copy that lost their owner', async () => {
      await (await startEmbedded(dataDir)).stop()
      await promisify(execFile)('chown', ['-R', '0:0', join(dataDir, 'postgres')])
      await expect(startEmbedded(dataDir)).rejects.toThrow(
        `The data in ${join(dataDir, 'postgres')} belong to root, as after a copy that did not keep their owner, and PostgreSQL does not run as root. Give them to its account: chown -R postgres: ${join(dataDir, 'postgres')}`,
      )
    })
})

describe('what an operator can put right is named by its cause', () => {
  it.each([
    [
      'FATAL:  could not create lock file "postmaster.pid": No space left on device',
      /^The disk is full: nothing can be written in \/data\./,
    ],
    ['FATAL:  could not create lock file "postmaster.pid": Read-only file system', /its file system is read-only/],
    ['FATAL:  could not open file "postmaster.pid": Permission denied', /^This account may not write in \/data\./],
    ["EACCES: permission denied, mkdtemp '/data/postgres-new-abc'", /^This account may not write in \/data\./],
  ])('%s', (output, explained) => {
    expect(explainFailure(output, '/data')).toMatch(explained)
  })
})
