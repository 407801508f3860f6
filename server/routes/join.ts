/** The students' way in: a code, then a name. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Code, Join } from '../../contract/schemas.ts'
import type { Auth } from '../auth.ts'
import type { Classroom } from '../classroom.ts'
import { readCode } from '../classroom/codes.ts'
import { Failed } from '../failed.ts'
import { limit } from '../plugins/limits.ts'
import { answers, CodeInfoAnswer, JoinedAnswer } from './answers.ts'

export interface JoinRoutes {
  readonly auth: Auth
  readonly classroom: Classroom
}

export const joinRoutes: FastifyPluginAsyncTypebox<JoinRoutes> = async (app, { auth, classroom }) => {
  const wrongCodes = limit(app, 30)
  const joins = limit(app, 600, ({ body }) => readCode((body as Join).code))

  /** Only wrong codes count against an address: one who mistypes does not shut out the school that shares it. */
  const find = async (request: FastifyRequest, code: string) => {
    try {
      return await classroom.find(code)
    } catch (error) {
      if (error instanceof Failed && error.code === 'wrong-code') await wrongCodes(request)
      throw error
    }
  }

  app.get(
    '/api/codes/:code',
    {
      schema: {
        summary: 'The session with this code, and who has joined it from this browser',
        params: Type.Object({ code: Code }),
        response: answers(CodeInfoAnswer),
      },
    },
    async (request) => {
      const { id, code, title, level } = await find(request, request.params.code)
      const held = await auth.participants(request.cookies)
      const here = held.filter(({ session }) => session === id).map((participant) => participant.id)
      return { session: { id, code, title, level }, known: await classroom.known(id, here) }
    },
  )

  app.post(
    '/api/join',
    { schema: { summary: 'Join a session as a new participant', body: Join, response: answers(JoinedAnswer) } },
    async (request, reply) => {
      const session = await find(request, request.body.code)
      await joins(request)
      const joined = await classroom.join(session.id, request.body.name)
      const participant = { id: joined.participant.id, session: session.id }
      for (const { name, value, options } of await auth.participantCookies(participant, request.cookies)) {
        reply.setCookie(name, value, options)
      }
      return joined
    },
  )
}
