/** What one test sees of the server that all browser tests share: a teacher created for this test, and the visitors' browsers. */
import { createHash, randomBytes } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { expect, inject, onTestFinished } from 'vitest'
import type { Board, SessionInfo, Joined } from '../../contract/answers.ts'
import type { NewSession } from '../../contract/requests.ts'
import { connectDatabase } from '../../server/database/open.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { createAuth, loadTokenSecret } from '../../server/identity/auth.ts'
import { createApiTokens } from '../../server/identity/api-tokens.ts'
import { createSignIns } from '../../server/identity/sign-ins.ts'
import { newId } from '../../server/base/ids.ts'
import { visit, type Visitor, type VisitorOptions } from './browser.ts'

/** Console messages of a browser about a request that was refused. */
const REFUSED = /status of 4\d\d|WebSocket connection to .* failed|net::ERR_/
/** Real ms. */
const HOUR = 3_600_000

/** A visitor of the shared server. */
export interface Guest extends Visitor {
  /** POSTs with this browser's cookies, and expects success. */
  post<T>(path: string, data?: object): Promise<T>
}

export interface ServerFixture {
  readonly prisma: PrismaClient
  readonly teacherId: string
  /** The token of a teacher's one-time link. The server accepts 20 of them per minute from one address: only for tests of signing in. */
  readonly link: string
  /**
   * `refusals`: the browser may report refused requests, because the test provokes them.
   * `host`: the host name or address in the URL of the server; loopback by default. `port`: the port of a proxy in front of the
   * server.
   */
  come(options?: Coming): Promise<Guest>
  /** Comes as the teacher, signed in. */
  comeAsTeacher(options?: Coming): Promise<Guest>
}

type Coming = VisitorOptions & { readonly refusals?: boolean; readonly host?: string; readonly port?: number }

/** Gives access to the run's server. After the test, it expects that no browser has complained. */
export async function serverFixture(browser: Browser): Promise<ServerFixture> {
  const { port: ownPort, database } = inject('server')
  const { prisma, close } = connectDatabase(database)
  onTestFinished(close)
  const teacherId = newId()
  const come: ServerFixture['come'] = async ({ refusals = false, host = '127.0.0.1', port = ownPort, ...options } = {}) => {
    const visitor = await visit(browser, `http://${host}:${port}`, options)
    onTestFinished(async () => {
      await visitor.context.close()
      expect(visitor.complaints.filter((line) => !(refusals && REFUSED.test(line)))).toEqual([])
    })
    return {
      ...visitor,
      async post<T>(path: string, data?: object) {
        // Only the browser knows that other hosts are this machine; whatever its name, the cookies are the browser's.
        const origin = `http://127.0.0.1:${port}`
        const answer = await visitor.context.request.post(origin + path, data ? { data } : {})
        expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
        const cookies = await visitor.context.cookies(origin)
        await visitor.context.addCookies(cookies.map((cookie) => ({ ...cookie, domain: host })))
        return (await answer.json()) as T
      },
    }
  }
  return {
    prisma,
    teacherId,
    link: await linkOfNewTeacher(prisma, teacherId),
    come,
    async comeAsTeacher(options = {}) {
      const guest = await come(options)
      const now = () => new Date()
      const auth = createAuth({
        secret: await loadTokenSecret(prisma),
        secure: false,
        now,
        signIns: createSignIns({ prisma, now }),
        tokens: createApiTokens({ prisma, now }),
      })
      const { name, value } = await auth.createTeacherCookie(teacherId)
      const hosts = new Set(['127.0.0.1', options.host ?? '127.0.0.1'])
      await guest.context.addCookies([...hosts].map((domain) => ({ name, value, domain, path: '/' })))
      return guest
    },
  }
}

/** Creates a link like the one that a start of the server creates, but for a new teacher without sessions and exercises. */
export async function linkOfNewTeacher(prisma: PrismaClient, id = newId()): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest('hex')
  await prisma.teacher.create({ data: { id, links: { create: { hash, expiresAt: new Date(Date.now() + HOUR) } } } })
  return token
}

/** Creates a session as a teacher who has signed in. */
export async function lessonOf(teacher: Guest, wanted: NewSession) {
  const session = await teacher.post<SessionInfo>('/api/sessions', wanted)
  return {
    session,
    steer: (path: string, data?: object) => teacher.post<Board>(`/api/sessions/${session.id}/${path}`, data),
    /** Joins the session. Returns the address of the student's page. */
    async join(student: Guest, name: string): Promise<string> {
      const { participant } = await student.post<Joined>('/api/join', { code: session.code, name })
      return `/r/${participant.id}`
    },
  }
}
