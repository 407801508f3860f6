/** The whole server with a database of its own, and the browsers of those who come to it. */
import type { Browser } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import type { Board, SessionInfo } from '../../contract/events.ts'
import type { Joined } from '../../contract/http.ts'
import type { NewSession } from '../../contract/schemas.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { visit, type Visitor, type VisitorOptions } from './browser.ts'
import { testDatabase } from './database.ts'
import { startServer } from './process.ts'

export interface Guest extends Visitor {
  /** Asks the server with this browser's cookies, and expects success. */
  post<T>(path: string, data?: object): Promise<T>
}

export interface Served {
  readonly prisma: PrismaClient
  /** The token of the teacher's one-time link. */
  readonly link: string
  /** `refusals`: the browser may note that it was refused something, which is the test's own doing. */
  come(options?: VisitorOptions & { readonly refusals?: boolean }): Promise<Guest>
}

/** Starts a server. After the test it is gone, and nobody's browser may have complained of anything. */
export async function served(browser: Browser): Promise<Served> {
  const database = await testDatabase()
  onTestFinished(() => database.stop())
  const { port, link } = await startServer({ DATABASE_URL: database.url })
  return {
    prisma: database.prisma,
    link,
    async come({ refusals = false, ...options } = {}) {
      const visitor = await visit(browser, `http://127.0.0.1:${port}`, options)
      onTestFinished(async () => {
        await visitor.context.close()
        expect(visitor.complaints.filter((line) => !(refusals && /status of 4\d\d/.test(line)))).toEqual([])
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
