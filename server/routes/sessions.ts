/** The teacher's lessons. Whatever changes one answers with its board. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Move, NewPair, NewSession, Pairing, Results } from '../../contract/schemas.ts'
import type { Classroom } from '../classroom.ts'
import { teacherOf } from '../plugins/guard.ts'
import type { Scores } from '../scores.ts'
import { answers, BoardAnswer, FailureAnswer, SessionAnswer, SessionsAnswer } from './answers.ts'

export interface SessionRoutes {
  readonly classroom: Classroom
  readonly scores: Scores
}

export const sessionRoutes: FastifyPluginAsyncTypebox<SessionRoutes> = async (app, { classroom, scores }) => {
  const params = Type.Object({ session: Id })
  const response = answers(BoardAnswer)

  app.get('/api/sessions', { schema: { summary: 'My sessions, newest first', response: answers(SessionsAnswer) } }, (request) =>
    classroom.sessions(teacherOf(request).id),
  )

  app.post(
    '/api/sessions',
    { schema: { summary: 'A new session', body: NewSession, response: answers(SessionAnswer) } },
    (request) => classroom.createSession(teacherOf(request).id, request.body),
  )

  app.get('/api/sessions/:session', { schema: { summary: 'The board', params, response } }, ({ params: { session } }) =>
    classroom.board(session),
  )

  app.post(
    '/api/sessions/:session/pairing',
    { schema: { summary: 'Pair everybody who is present and has no pair', params, body: Pairing, response } },
    async ({ params: { session }, body: { odd } }) => {
      await classroom.pairPresent(session, odd)
      return classroom.board(session)
    },
  )

  app.post(
    '/api/sessions/:session/pairs',
    {
      schema: {
        summary:
          'Make a pair of these: two, a third on the wire between them, or one with the built-in partner; they leave their pairs',
        params,
        body: NewPair,
        response,
      },
    },
    async ({ params: { session }, body: { members } }) => {
      await classroom.pair(session, members)
      return classroom.board(session)
    },
  )

  app.delete(
    '/api/sessions/:session/pairs/:pair',
    { schema: { summary: 'Take a pair apart', params: Type.Object({ session: Id, pair: Id }), response } },
    async ({ params: { session, pair } }) => {
      await classroom.dissolve(session, pair)
      return classroom.board(session)
    },
  )

  app.post(
    '/api/sessions/:session/position',
    { schema: { summary: 'Open an exercise of the playlist for all pairs; unfinished rounds end', params, body: Move, response } },
    async ({ params: { session }, body: { position } }) => {
      await classroom.move(session, position)
      return classroom.board(session)
    },
  )

  app.post(
    '/api/sessions/:session/results',
    {
      schema: { summary: 'Open the results of an exam to its students, or close them again', params, body: Results, response },
    },
    async ({ params: { session }, body: { released } }) => {
      await classroom.release(session, released)
      return classroom.board(session)
    },
  )

  app.post(
    '/api/sessions/:session/end',
    { schema: { summary: 'End the session', params, response } },
    async ({ params: { session } }) => {
      await classroom.end(session)
      return classroom.board(session)
    },
  )

  app.get(
    '/api/sessions/:session/scores.csv',
    {
      schema: {
        summary: 'Points and percentages, a row for each student',
        params,
        response: { 200: { content: { 'text/csv': { schema: Type.String() } } }, '4xx': FailureAnswer, '5xx': FailureAnswer },
      },
    },
    async ({ params: { session } }, reply) => {
      const { code, csv } = await scores(session)
      reply.header('content-disposition', `attachment; filename="scores-${code}.csv"`)
      return reply.type('text/csv; charset=utf-8').send(csv)
    },
  )
}
