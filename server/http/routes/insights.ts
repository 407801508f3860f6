/** The results of a session: what its teacher reads during the lesson and afterwards. */
import type { SessionInsights } from '../../lessons/session-insights.ts'
import type { Screens } from '../../lessons/screens.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface InsightDeps {
  readonly insights: SessionInsights
  readonly screens: Screens
}

export type InsightRoutes =
  | RoutesBelow<'/api/sessions/:session/insights'>
  | RoutesBelow<'/api/sessions/:session/screen'>
  | RoutesBelow<'/api/sessions/:session/notes'>

export const insightHandlers = ({ insights, screens }: InsightDeps): RouteHandlers<InsightRoutes> => ({
  'GET /api/sessions/:session/insights': ({ params: { session } }) => insights.readInsights(session),

  'GET /api/sessions/:session/insights.csv': async ({ params: { session } }, reply) => {
    const { code, csv } = await insights.exportInsights(session)
    reply.header('content-disposition', `attachment; filename="insights-${code}.csv"`)
    reply.type('text/csv; charset=utf-8')
    return csv
  },

  'GET /api/sessions/:session/screen': ({ params: { session } }) => screens.readScreen(session),

  'POST /api/sessions/:session/notes': ({ params: { session }, body: { notes } }) => insights.keepNotes(session, notes),
})
