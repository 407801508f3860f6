/** The teacher's lessons. Each route that changes a lesson answers with its board. */
import type { Lessons } from '../../lessons/lessons.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import type { ExportScores } from '../../lessons/scores.ts'
import type { ActivityRoutes } from './class-activity.ts'
import type { InsightRoutes } from './insights.ts'
import type { PrivacyRoutes } from './privacy.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface SessionDeps {
  readonly lessons: Lessons
  readonly exportScores: ExportScores
}

export const sessionHandlers = ({
  lessons,
  exportScores,
}: SessionDeps): RouteHandlers<Exclude<RoutesBelow<'/api/sessions'>, InsightRoutes | ActivityRoutes | PrivacyRoutes>> => ({
  'GET /api/sessions': (request) => lessons.listSessions(requireTeacher(request).id),

  'POST /api/sessions': (request) => lessons.createSession(requireTeacher(request).id, request.body),

  'GET /api/sessions/:session': ({ params: { session } }) => lessons.readBoard(session),

  'PATCH /api/sessions/:session': ({ params: { session }, body }) => lessons.changeSession(session, body),

  'POST /api/sessions/:session/pairing': async ({ params: { session }, body: { odd } }) => {
    await lessons.pairPresent(session, odd)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/pairs': async ({ params: { session }, body: { members } }) => {
    await lessons.makePair(session, members)
    return lessons.readBoard(session)
  },

  'DELETE /api/sessions/:session/pairs/:pair': async ({ params: { session, pair } }) => {
    await lessons.dissolvePair(session, pair)
    return lessons.readBoard(session)
  },

  'DELETE /api/sessions/:session/participants/:participant': async ({ params: { session, participant } }) => {
    await lessons.removeParticipant(session, participant)
    return lessons.readBoard(session)
  },

  'DELETE /api/sessions/:session/participants/:participant/hand': async ({ params: { session, participant } }) => {
    await lessons.lowerHand(session, participant)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/participants/:participant/place': async ({ params: { session, participant }, body }) => {
    if (body.to === 'pair') await lessons.moveToPair(session, participant, body.id)
    else await lessons.tradePlaces(session, participant, body.id)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/claims/:participant': async ({ params: { session, participant }, body: { granted } }) => {
    await lessons.decideClaim(session, participant, granted)
    return lessons.readBoard(session)
  },

  'DELETE /api/sessions/:session/unpaired': async ({ params: { session } }) => {
    await lessons.removeUnpaired(session)
    return lessons.readBoard(session)
  },

  'DELETE /api/sessions/:session/absent': async ({ params: { session } }) => {
    await lessons.removeAbsent(session)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/position': async ({ params: { session }, body: { position } }) => {
    await lessons.openExercise(session, position)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/upcoming': async ({ params: { session }, body }) => {
    await lessons.changeUpcoming(session, body)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/results': async ({ params: { session }, body: { released } }) => {
    await lessons.setReleased(session, released)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/automatics': async ({ params: { session }, body }) => {
    await lessons.setAutomatics(session, body)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/rehearsals': ({ params: { session }, body }) => lessons.rehearse(session, body),

  'POST /api/sessions/:session/pause': async ({ params: { session }, body: { paused } }) => {
    await lessons.setPaused(session, paused)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/announcement': async ({ params: { session }, body: { text } }) => {
    await lessons.announce(session, text)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/time': async ({ params: { session }, body: { minutes } }) => {
    await lessons.giveTime(session, minutes)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/pairs/:pair/message': async ({ params: { session, pair }, body: { text } }) => {
    await lessons.messagePair(session, pair, text)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/participants/:participant/name': async ({ params: { session, participant }, body: { name } }) => {
    await lessons.rename(session, participant, name)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/door': async ({ params: { session }, body: { locked } }) => {
    await lessons.setLocked(session, locked)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/end': async ({ params: { session } }) => {
    await lessons.endSession(session)
    return lessons.readBoard(session)
  },

  'POST /api/sessions/:session/reopen': async ({ params: { session } }) => {
    await lessons.reopenSession(session)
    return lessons.readBoard(session)
  },

  'GET /api/sessions/:session/scores.csv': async ({ params: { session } }, reply) => {
    const { code, csv } = await exportScores(session)
    reply.header('content-disposition', `attachment; filename="scores-${code}.csv"`)
    reply.type('text/csv; charset=utf-8')
    return csv
  },
})
