/** Activities of the whole class. What happens in them is sent over sockets. */
import { ActivityInfo, NewActivity } from '../class-activities.ts'
import { declareRoutes, SESSION_PARAMS } from './declare-routes.ts'

export const ACTIVITY_ROUTES = declareRoutes({
  'POST /api/sessions/:session/activity': {
    summary: 'Start an activity of the whole class, in place of the one that runs',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    body: NewActivity,
    answer: ActivityInfo,
  },
  'DELETE /api/sessions/:session/activity': {
    summary: 'End the activity of the class',
    access: 'teacher of the session',
    params: SESSION_PARAMS,
    answer: ActivityInfo,
  },
})
