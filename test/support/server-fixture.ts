/** The server that all tests in a browser share, as one test sees it: a teacher of its own, and the browsers of those who come to it. */
import { createHash, randomBytes } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { expect, inject, onTestFinished } from 'vitest'
import type { Board, SessionInfo, Joined } from '../../contract/answers.ts'
import type { NewSession } from '../../contract/requests.ts'
import { connectDatabase } from '../../server/database/open.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { newId } from '../../server/base/ids.ts'
import { visit, type Visitor, type VisitorOptions } from './browser.ts'

/** What a browser says of what it was refused. */
const REFUSED = /status of 4\d\d|WebSocket connection to .* failed|net::ERR_/
/** Real ms. */
const HOUR = 3_600_000

export interface Guest extends Visitor {
  /** Asks the server with this browser's cookies, and expects success. */
  post<T>(path: string, data?: object): Promise<T>
}

export interface ServerFixture {
  readonly prisma: PrismaClient
  /** The token of a teacher's one-time link. The server takes 20 of them a minute from one address. */
  readonly link: string
  /**
   * `refusals`: the browser may note that it was refused something, which is the test's own doing.
   * `host`: the name or address at which it opens the server; else the loopback's. `port`: of a proxy in front.
   */
  come(options?: VisitorOptions & { readonly refusals?: boolean; readonly host?: string; readonly port?: number }): Promise<Guest>
}

/** The run's server. After the test nobody's browser may have complained of anything. */
export async function serverFixture(browser: Browser): Promise<ServerFixture> {
  const { port: ownPort, database } = inject('server')
  const { prisma, close } = connectDatabase(database)
  onTestFinished(close)
  return {
    prisma,
    link: await linkOfNewTeacher(prisma),
    async come({ refusals = false, host = '127.0.0.1', port = ownPort, ...options } = {}) {
      const visitor = await visit(browser, `http://${host}:${port}`, options)
      onTestFinished(async () => {
        await visitor.context.close()
        expect(visitor.complaints.filter((line) => !(refusals && REFUSED.test(line)))).toEqual([])
      })
      return {
        ...visitor,
        async post<T>(path: string, data?: object) {
          const answer = await visitor.context.request.post(path, data ? { data } : {})
          expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
          return (await answer.json()) as T
        },
      }
    },
  }
}

/** As a start of the server makes it, but for somebody who has no sessions and no exercises yet. */
async function linkOfNewTeacher(prisma: PrismaClient): Promise<string> {
  const [id, token] = [newId(), randomBytes(32).toString('base64url')]
  const hash = createHash('sha256').update(token).digest('hex')
  await prisma.teacher.create({ data: { id, links: { create: { hash, expiresAt: new Date(Date.now() + HOUR) } } } })
  return token
}

/** A session of a teacher who has signed in. */
export async function lessonOf(teacher: Guest, wanted: NewSession) {
  const session = await teacher.post<SessionInfo>('/api/sessions', wanted)
  return {
    session,
    steer: (path: string, data?: object) => teacher.post<Board>(`/api/sessions/${session.id}/${path}`, data),
    /** Joins; gives the address of the student's page. */
    async join(student: Guest, name: string): Promise<string> {
      const { participant } = await student.post<Joined>('/api/join', { code: session.code, name })
      return `/r/${participant.id}`
    },
  }
}
