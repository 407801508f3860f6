/** What came of a lesson: points, what the class got wrong, notes. */
import { Type } from 'typebox'
import { Board } from '../answers.ts'
import { Notes, Results } from '../requests.ts'
import { Insights, KeptNotes } from '../insights.ts'
import { Screen } from '../screen.ts'
import { declareRoutes, SESSION_PARAMS } from './declare-routes.ts'

export const RESULT_ROUTES = declareRoutes({
  'POST /api/sessions/:session/results': {
    summary: 'Open the results of an exam to its students, or close them again',
    access: 'teacher of the session',
    token: 'grade',
    params: SESSION_PARAMS,
    body: Results,
    answer: Board,
  },
  // UTF-8 with a byte order mark.
  'GET /api/sessions/:session/scores.csv': {
    summary: 'Points and percentages, a row for each student',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Type.String(),
    contentType: 'text/csv',
  },
  'GET /api/sessions/:session/insights': {
    summary: 'The results of a session, running or ended: students, rounds, and what the class got wrong',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Insights,
  },
  // UTF-8 with a byte order mark.
  'GET /api/sessions/:session/insights.csv': {
    summary: 'What the class got wrong, a row for each mistake, milestone and choice',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Type.String(),
    contentType: 'text/csv',
  },
  'GET /api/sessions/:session/screen': {
    summary: 'The projector view of a session, without names; made anew every second at most',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: Screen,
  },
  'POST /api/sessions/:session/notes': {
    summary: 'Keep my notes on a session',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: Notes,
    answer: KeptNotes,
  },
})
