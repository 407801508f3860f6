/** Activities of the whole class: their start and end. */
import type { Activities } from '../../activities/activities.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface ActivityDeps {
  readonly activities: Pick<Activities, 'start' | 'end'>
}

export type ActivityRoutes = RoutesBelow<'/api/sessions/:session/activity'>

export const activityHandlers = ({ activities }: ActivityDeps): RouteHandlers<ActivityRoutes> => ({
  'POST /api/sessions/:session/activity': async ({ params: { session }, body: { kind } }) => {
    await activities.start(session, kind)
    return { activity: { kind } }
  },

  'DELETE /api/sessions/:session/activity': async ({ params: { session } }) => {
    await activities.end(session)
    return { activity: null }
  },
})
