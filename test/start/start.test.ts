/** What a start of the classroom prints: its addresses, a link for the teacher, and where the data is stored. */
import { cpSync, existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TeacherInfo } from '../../contract/account.ts'
import { ROOT } from '../../server/base/root.ts'
import { dataDirectory, emptyDirectory, handshake, startServer } from '../support/process.ts'
import { LOCAL, type ServerProcess, serving } from '../support/spawn.ts'

const signIn = async ({ port }: ServerProcess, token: string) => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`http://127.0.0.1:${port}/api/teacher/link`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ token }),
  })
  return [answer.status, (await answer.json()) as TeacherInfo & { error?: string }] as const
}

test('the first start, in a directory that is not there yet: addresses, one-time link, data, and nothing else; handshake teacher-link prints another link', async () => {
  const dataDir = join(await emptyDirectory(), 'not', 'there')
  const server = await startServer({ DATA_DIR: dataDir })
  expect(server.said.err).toBe('')
  expect(
    server.said.out
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    `Students open    http://127.0.0.1:${server.port}`,
    expect.stringMatching(new RegExp(`^Teacher, once    http://localhost:${server.port}/teach#link=[\\w-]{43}$`)),
    `Data             ${dataDir}`,
    '',
    'Ctrl-C stops it.',
  ])
  expect(existsSync(join(dataDir, 'postgres/password'))).toBe(true)
  expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${server.port}/`)).headers.get('content-type')).toContain('text/html')

  expect(await signIn(server, server.link)).toMatchObject([200, { signedIn: true }])
  expect(await signIn(server, server.link)).toMatchObject([410, { error: 'already-used' }])

  // While it runs, a command prints another link: to the owner, or to the account that is named.
  const another = async (...account: string[]) => {
    const command = handshake({ DATA_DIR: dataDir, PORT: String(server.port) }, ['teacher-link', ...account])
    return { ...(await command.ended), ...command.said }
  }
  for (const account of [[], ['teacher']]) {
    const { code, out } = await another(...account)
    expect(code).toBe(0)
    const [, token = ''] = new RegExp(`^http://localhost:${server.port}/teach#link=([\\w-]{43})\n$`).exec(out) ?? []
    expect(await signIn(server, token)).toMatchObject([200, { signedIn: true, account: { id: 'teacher', owner: true } }])
  }
  expect(await another('nobody@example.org')).toMatchObject({
    code: 1,
    out: '',
    err: 'handshake teacher-link: There is no account nobody@example.org.\n',
  })
})

test('--demo: a lesson of simulated students is under way, and a second start opens no other', async () => {
  const DATA_DIR = await dataDirectory()
  for (let start = 0; start < 2; start++) {
    const server = await serving(handshake({ ...LOCAL, DATA_DIR }, ['--demo']))
    expect(server.said.out).toContain('a lesson of simulated students is under way')
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ token: server.link })
    const signedIn = await fetch(`http://127.0.0.1:${server.port}/api/teacher/link`, { method: 'POST', headers, body })
    const cookie = signedIn.headers.getSetCookie().join('; ')
    const sessions = await fetch(`http://127.0.0.1:${server.port}/api/sessions`, { headers: { cookie } })
    expect(await sessions.json()).toMatchObject([{ title: 'Demo', rehearsal: true, ended: false, position: 0 }])
    await server.kill('SIGTERM')
  }
})

/** A copy of the sources in which nothing has been built yet. */
async function freshInstallation(): Promise<string> {
  const root = await emptyDirectory()
  const made = ['.git', 'node_modules', 'dist', 'data', 'server/generated', 'client/src/generated'].map((name) => join(ROOT, name))
  cpSync(ROOT, root, { recursive: true, filter: (path) => !made.includes(path) })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  return root
}

test('a first start says in one line that it builds, a stop says one line, and a build that fails says why', async () => {
  const root = await freshInstallation()
  const DATA_DIR = join(root, 'data')
  const server = await serving(handshake({ ...LOCAL, DATA_DIR }, [], root))
  expect(server.said.out.trim().split('\n').slice(0, 3)).toEqual([
    'Building what has changed (at the first start: everything) …',
    '',
    `  Students open    http://127.0.0.1:${server.port}`,
  ])
  const served = server.said.out
  await server.kill('SIGINT')
  expect(server.said).toEqual({ out: `${served}Stopped.\n`, err: '' })

  writeFileSync(join(root, 'client/src/main.ts'), 'import "./nowhere.ts"')
  const broken = handshake({ ...LOCAL, DATA_DIR }, [], root)
  expect(await broken.ended).toEqual({ code: 1, signal: null })
  expect(broken.said.err).toContain('./nowhere.ts')
})

test('BASE_URL: the one address that people are told. A later start: a new link; the old one that was not used is still good', async () => {
  const dataDir = await dataDirectory()
  const first = handshake({ ...LOCAL, BASE_URL: 'https://tcp.example.org', DATA_DIR: dataDir })
  const [, link = ''] = await first.until(/Teacher, once {4}https:\/\/tcp\.example\.org\/teach#link=(\S+)[^]*Ctrl-C/)
  expect(first.said.out).toContain('Students open    https://tcp.example.org\n')
  await first.kill('SIGTERM')
  const second = await startServer({ DATA_DIR: dataDir })
  expect(second.link).not.toBe(link)
  expect(await signIn(second, second.link)).toMatchObject([200, { signedIn: true }])
  expect(await signIn(second, link)).toMatchObject([200, { signedIn: true }])
})

test('--help says what there is; exit 0', async () => {
  const help = handshake({}, ['--help'])
  expect(await help.ended).toEqual({ code: 0, signal: null })
  expect(help.said.out).toMatch(/^handshake {14}starts the classroom/)
  expect(help.said.out).toContain('PORT, HOST, DATA_DIR, DATABASE_URL, REDIS_URL and BASE_URL')
  expect(help.said.err).toBe('')
})

test.each([
  [['check', 'exercises/handshake.yaml'], 0, /^exercises\/handshake\.yaml: good$/m],
  [['play', 'handshake'], 0, /^# Three-way handshake/],
  [['judge', 'no-such-file.pcap'], 2, /no-such-file\.pcap/],
])('handshake %j needs no server', async (args, code, said) => {
  const command = handshake({}, args)
  expect(await command.ended).toEqual({ code, signal: null })
  expect(command.said.out + command.said.err).toMatch(said)
})

test.each([[['nonsense']], [['--port', '80']], [['--help', 'me']]])('handshake %j: one line, exit 2', async (args) => {
  const unknown = handshake({}, args)
  expect(await unknown.ended).toEqual({ code: 2, signal: null })
  expect(unknown.said).toEqual({
    out: '',
    err: `handshake: there is no command "${args.join(' ')}". "handshake --help" lists them.\n`,
  })
})
