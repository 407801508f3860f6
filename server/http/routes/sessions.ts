/** The teacher's lessons. Whatever changes one answers with its board. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, MoveToPosition, NewPair, NewSession, Pairing, Results } from '../../../contract/schemas.ts'
import type { Lessons } from '../../lessons/lessons.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import type { ExportScores } from '../../lessons/scores.ts'
import { withFailures, BoardResponse, FailureResponse, SessionResponse, SessionsResponse } from './responses.ts'

export interface SessionRoutes {
  readonly lessons: Lessons
  readonly exportScores: ExportScores
}

export const sessionRoutes: FastifyPluginAsyncTypebox<SessionRoutes> = async (app, { lessons, exportScores }) => {
  const params = Type.Object({ session: Id })
  const response = withFailures(BoardResponse)

  app.get(
    '/api/sessions',
    { schema: { summary: 'My sessions, newest first', response: withFailures(SessionsResponse) } },
    (request) => lessons.listSessions(requireTeacher(request).id),
  )

  app.post(
    '/api/sessions',
    { schema: { summary: 'A new session', body: NewSession, response: withFailures(SessionResponse) } },
    (request) => lessons.createSession(requireTeacher(request).id, request.body),
  )

  app.get('/api/sessions/:session', { schema: { summary: 'The board', params, response } }, ({ params: { session } }) =>
    lessons.readBoard(session),
  )

  app.post(
    '/api/sessions/:session/pairing',
    { schema: { summary: 'Pair everybody who is present and has no pair', params, body: Pairing, response } },
    async ({ params: { session }, body: { odd } }) => {
      await lessons.pairPresent(session, odd)
      return lessons.readBoard(session)
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
      await lessons.makePair(session, members)
      return lessons.readBoard(session)
    },
  )

  app.delete(
    '/api/sessions/:session/pairs/:pair',
    { schema: { summary: 'Take a pair apart', params: Type.Object({ session: Id, pair: Id }), response } },
    async ({ params: { session, pair } }) => {
      await lessons.dissolvePair(session, pair)
      return lessons.readBoard(session)
    },
  )

  app.post(
    '/api/sessions/:session/position',
    {
      schema: {
        summary: 'Open an exercise of the playlist for all pairs; unfinished rounds end',
        params,
        body: MoveToPosition,
        response,
      },
    },
    async ({ params: { session }, body: { position } }) => {
      await lessons.openExercise(session, position)
      return lessons.readBoard(session)
    },
  )

  app.post(
    '/api/sessions/:session/results',
    {
      schema: { summary: 'Open the results of an exam to its students, or close them again', params, body: Results, response },
    },
    async ({ params: { session }, body: { released } }) => {
      await lessons.setReleased(session, released)
      return lessons.readBoard(session)
    },
  )

  app.post(
    '/api/sessions/:session/end',
    { schema: { summary: 'End the session', params, response } },
    async ({ params: { session } }) => {
      await lessons.endSession(session)
      return lessons.readBoard(session)
    },
  )

  app.get(
    '/api/sessions/:session/scores.csv',
    {
      schema: {
        summary: 'Points and percentages, a row for each student',
        params,
        response: { 200: { content: { 'text/csv': { schema: Type.String() } } }, '4xx': FailureResponse, '5xx': FailureResponse },
      },
    },
    async ({ params: { session } }, reply) => {
      const { code, csv } = await exportScores(session)
      reply.header('content-disposition', `attachment; filename="scores-${code}.csv"`)
      return reply.type('text/csv; charset=utf-8').send(csv)
    },
  )
}
