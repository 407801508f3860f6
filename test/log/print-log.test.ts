/** `handshake log ROUND` prints the rows of any version, and reports in one line what it cannot print. */
import { expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../../server/commands.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { storedDatabase } from '../stored/database.ts'
import { readLog, testDatabase, type TestDatabase } from '../support/database.ts'

async function opened(database: Promise<TestDatabase>): Promise<TestDatabase> {
  const open = await database
  onTestFinished(() => open.stop())
  return open
}

async function print(env: NodeJS.ProcessEnv, ...args: string[]) {
  const said = { out: '', err: '' }
  const stdout = { write: (text: string) => (said.out += text) }
  const code = await runCommand('log', args, { stdout, stderr: { write: (text) => (said.err += text) }, env })
  return { code, ...said }
}

/** Makes lines comparable regardless of the order of their fields, by sorting the characters of each line. */
const inAnyOrder = (text: string) => text.split('\n').map((line) => [...line].sort().join(''))

it('prints the same of a round whether its rows are packed, are in columns, or wait for a migration', async () => {
  const [now, then] = [await opened(storedDatabase()), await opened(storedDatabase({ migrated: false }))]
  const stored = await readLog(now.url)
  const [{ roundId }] = stored as [(typeof stored)[number]]
  const entries = stored.filter((entry) => entry.roundId === roundId)
  const log = createPostgresLog(now)
  for (const entry of entries) await log.append({ ...entry, roundId: 'packed' })

  const { code, out, err } = await print({ DATABASE_URL: now.url }, roundId)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out.match(/^#\d+ {2}\S+Z {2}\w+ {2}id=/gm)).toHaveLength(entries.length)
  for (const { effects } of entries) for (const { kind } of effects) expect(out).toContain(`\n        ${kind}`)
  const packed = await print({ DATABASE_URL: now.url }, 'packed')
  expect(inAnyOrder(packed.out.replace('round packed', `round ${roundId}`))).toEqual(inAnyOrder(out))
  expect((await print({ DATABASE_URL: then.url }, roundId)).out).toBe(out)
})

it('says in one line what is wrong', async () => {
  const { url } = await opened(testDatabase())
  const { url: empty } = await opened(testDatabase({ migrated: false }))
  const unreachable = Object.assign(new URL(url), { port: '1' })
  expect(await print({ DATABASE_URL: url }, '-no-such-round')).toEqual({
    code: 1,
    out: '',
    err: 'handshake log: There is no round -no-such-round in this classroom.\n',
  })
  expect(await print({ DATABASE_URL: empty }, 'round')).toMatchObject({
    code: 1,
    err: 'handshake log: There is no classroom in this database.\n',
  })
  const away = await print({ DATABASE_URL: unreachable.href }, 'round')
  expect([away.code, away.err]).toEqual([
    1,
    expect.stringMatching(/^handshake log: The database at \S+ cannot be reached \(.*\)\.\n$/),
  ])
  expect(await print({}, 'one', 'two')).toMatchObject({ code: 2, err: expect.stringContaining('one ROUND is needed') as string })
  expect(await print({}, '--help')).toMatchObject({ code: 0, out: 'handshake log ROUND\n' })
})
