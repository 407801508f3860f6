/** The recipes of docs/api.md, run as they stand there, as processes, against a server with sockets. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { buildApp } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import { newId } from '../../server/base/ids.ts'
import { ROOT } from '../../server/base/root.ts'
import { createApiTokens } from '../../server/identity/api-tokens.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { Browser } from '../support/app.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { exercises } from '../support/exercises.ts'

const page = readFileSync('docs/api.md', 'utf8')
const RECIPES = new Map([...page.matchAll(/```js recipe ([\w-]+)\n([^]*?)```/g)].map(([, name = '', code = '']) => [name, code]))

const TEACHER = newId()
let database: TestDatabase
let url: string
let browser: Browser
let app: Awaited<ReturnType<typeof buildApp>>
let stop: () => Promise<void>
beforeAll(async () => {
  database = await testDatabase()
  const log = createPostgresLog(database)
  app = await buildApp({ config: readConfig({ HOST: '127.0.0.1' }), prisma: database.prisma, log, exercises })
  await app.http.listen({ port: 0, host: '127.0.0.1' })
  url = `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}`
  browser = new Browser(app.http)
  await database.prisma.teacher.create({ data: { id: TEACHER } })
  stop = async () => {
    await app.http.close()
    await log.close()
    await database.stop()
  }
})
afterAll(() => stop())

/** Runs a recipe with a token of this scope. `line` resolves with its next line on either stream; `ended` with its exit status. */
async function run(recipe: string, scope: 'read' | 'run', env: Record<string, string> = {}) {
  const tokens = createApiTokens({ prisma: database.prisma, now: () => new Date() })
  const { secret, token } = await tokens.create(TEACHER, { name: recipe, scopes: [scope] })
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: ROOT, // where socket.io-client is found
    env: { PATH, HANDSHAKE_URL: url, HANDSHAKE_TOKEN: secret, ...env },
  })
  onTestFinished(() => void child.kill())
  child.stdin.end(RECIPES.get(recipe))
  let said = ''
  let wake = () => {}
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      wake()
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    token,
    ended: async () => ({ status: await ended, said }),
    async line(): Promise<string> {
      while (!said.includes('\n')) await new Promise<void>((resolve) => (wake = resolve))
      const [first = '', ...rest] = said.split('\n')
      said = rest.join('\n')
      return first
    },
  }
}

const createSession = async () => {
  const { ended } = await run('create-session', 'run')
  const { status, said } = await ended()
  expect({ status, said }).toMatchObject({
    status: 0,
    said: expect.stringMatching(/^[A-Z2-9]{6} http:\S+\/teach\/[\w-]{22}\n$/) as string,
  })
  const [, code = '', id = ''] = /^(\S+) \S+\/teach\/(\S+)/.exec(said) ?? []
  return { code, id }
}

it('create-session: prints the code and the address of a session of the teacher', async () => {
  const { code, id } = await createSession()
  expect(await database.prisma.session.findUnique({ where: { id } })).toMatchObject({ code, teacherId: TEACHER, level: 'guided' })
})

it('create-session with a token of another scope: says which one is needed', async () => {
  const { status, said } = await (await run('create-session', 'read')).ended()
  expect(status).toBe(1)
  expect(said).toContain('This needs a token with the scope run.')
})

it("fetch-grades: prints every member of the teacher's courses, and of no others", async () => {
  const member = (number: string) => ({ id: newId(), number, name: 'Ann', createdAt: new Date() })
  const other = newId()
  await database.prisma.teacher.create({ data: { id: other } })
  for (const [title, teacherId, number] of [
    ['Networks', TEACHER, '2026001'],
    ['Not mine', other, '2026002'],
  ] as const)
    await database.prisma.course.create({
      data: {
        id: newId(),
        title,
        createdAt: new Date(),
        staff: { create: { teacherId, role: 'owner' } },
        members: { create: member(number) },
      },
    })
  expect(await (await run('fetch-grades', 'read')).ended()).toEqual({ status: 0, said: 'Networks 2026001 none yet\n' })
})

it('stream-board: prints who joins, and ends with the session', async () => {
  const { code, id } = await createSession()
  const { line, ended } = await run('stream-board', 'read', { HANDSHAKE_SESSION: id })
  expect(await line()).toBe('nobody yet')
  await browser.post('/api/join', { code, name: 'Ann' })
  expect(await line()).toBe('Ann')
  await app.lessons.endSession(id)
  expect(await ended()).toMatchObject({ status: 0 })
})

it('stream-board with a token that is revoked: the socket is closed, and refused from then on', async () => {
  const { id } = await createSession()
  const { token, line, ended } = await run('stream-board', 'read', { HANDSHAKE_SESSION: id })
  expect(await line()).toBe('nobody yet')
  await createApiTokens({ prisma: database.prisma, now: () => new Date() }).revoke(TEACHER, token.id)
  app.cluster.publish('signedOut', TEACHER)
  expect(await ended()).toEqual({ status: 0, said: 'unauthenticated\n' })
})
