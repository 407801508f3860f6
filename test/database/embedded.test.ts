import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbedded } from '../../server/database/embedded.ts'
import { query } from '../support/postgres.ts'

/** The account `nobody`. */
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
    // Windows has no such modes.
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

  // Nobody else can change an owner.
  if (isRoot)
    it('serves root what another account has made, and that account goes on owning it', async () => {
      await (await startEmbedded(dataDir)).stop()
      await promisify(execFile)('chown', ['-R', `${NOBODY}:${NOBODY}`, join(dataDir, 'postgres')])
      const database = await startEmbedded(dataDir)
      expect(await query(database.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      expect((await stat(join(dataDir, 'postgres/data/postmaster.pid'))).uid).toBe(NOBODY)
      await database.stop()
    })
})
