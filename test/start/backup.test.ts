/** An operator backs up the data while a lesson is played, and restores it for another machine. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Lesson } from '../support/lesson.ts'
import { dataDirectory, emptyDirectory, handshake, startServer } from '../support/process.ts'

test('handshake backup while it runs, handshake restore elsewhere: the lesson is there, its teacher still signed in; handshake log tells of its rounds, running or not', async () => {
  const [dataDir, elsewhere] = [await dataDirectory(), join(await emptyDirectory(), 'data')]
  const file = join(await emptyDirectory(), 'monday.backup')
  const server = await startServer({ DATA_DIR: dataDir })
  const lesson = await Lesson.open({ port: server.port, link: server.link, pairs: 1, playlist: ['handshake'] })
  await lesson.playAll(0, 1)
  const scores = await lesson.readScores(server.port)
  expect(scores).toContain('First 1')

  const backup = handshake({ DATA_DIR: dataDir }, ['backup', file])
  expect(await backup.ended).toEqual({ code: 0, signal: null })
  expect(backup.said.err).toBe('')
  expect(backup.said.out).toMatch(/^\S+monday\.backup holds all \d+ rows\.\n$/)
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
  const [{ round }] = lesson.played as [(typeof lesson.played)[number]]
  const log = handshake({ DATA_DIR: dataDir }, ['log', round])
  expect(await log.ended).toEqual({ code: 0, signal: null })
  expect(log.said.out).toMatch(new RegExp(`^round ${round}\n\n#0  .*\n    control  control=start  script=`))
  expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  const later = handshake({ DATA_DIR: dataDir }, ['log', round])
  expect(await later.ended).toEqual({ code: 0, signal: null })
  expect(later.said).toEqual(log.said)

  const restore = handshake({ DATA_DIR: elsewhere }, ['restore', file])
  expect(await restore.ended).toEqual({ code: 0, signal: null })
  expect(restore.said.out).toMatch(/^\d+ rows are back, in /)

  // If no server is running, the database is started for the command, which writes the same rows again.
  const again = handshake({ DATA_DIR: elsewhere }, ['backup', `${file}-again`])
  expect(await again.ended).toEqual({ code: 0, signal: null })
  const other = await startServer({ DATA_DIR: elsewhere })
  expect(await lesson.readScores(other.port)).toBe(scores)
})

test('handshake backup and restore: what cannot be done is one line, and nothing is left behind or written over', async () => {
  const folder = await emptyDirectory()
  const [dataDir, file] = [join(folder, 'data'), join(folder, 'notes.txt')]
  await writeFile(file, 'no backup')
  for (const [args, code, line] of [
    [['backup'], 2, 'handshake backup: one FILE is needed. Usage: handshake backup FILE'],
    [['backup', file], 1, `handshake backup: ${file} is there already. Give a file that is not there yet.`],
    [['backup', `${file}-new`], 1, new RegExp(`^handshake backup: There is no classroom in ${dataDir}`)],
    [['restore', file], 1, /^handshake restore: \S+notes\.txt cannot be read \(incorrect header check\)\.$/],
    [['restore', `${file}-none`], 1, /^handshake restore: \S+ cannot be read \(ENOENT/],
  ] as const) {
    const command = handshake({ DATA_DIR: dataDir }, [...args])
    expect(await command.ended).toEqual({ code, signal: null })
    expect(command.said.out).toBe('')
    expect(command.said.err.trimEnd()).toMatch(line)
  }
  expect(await readFile(file, 'utf8')).toBe('no backup')
  await expect(stat(join(dataDir, 'postgres'))).rejects.toThrow('ENOENT')
})
