/** The server itself: its addresses, health, metrics and API, and the JSON schema of exercises. */
import { Type } from 'typebox'
import { Addresses, Health } from '../answers.ts'
import { declareRoutes } from './declare-routes.ts'

export const ABOUT_ROUTES = declareRoutes({
  'GET /api/addresses': { summary: 'The addresses to type, likeliest first', access: 'teacher', answer: Addresses },
  // Editors request it, because a line of each exercise file refers to it.
  'GET /exercise.schema.json': {
    summary: 'What an exercise may say, as JSON Schema',
    access: 'anyone',
    answer: Type.Unknown(),
    contentType: 'application/schema+json',
    hidden: true,
  },
  'GET /openapi.json': { summary: 'This API', access: 'anyone', answer: Type.Unknown(), hidden: true },
  'GET /healthz': { summary: 'Whether this node is alive', access: 'anyone', answer: Health },
  'GET /readyz': { summary: 'Whether this node can work: its database and Redis answer', access: 'anyone', answer: Health },
  // Prometheus authenticates with a bearer token instead of a cookie; the handler checks the token.
  'GET /metrics': {
    summary: 'What this node counts and measures, for Prometheus',
    access: 'anyone',
    answer: Type.String(),
    contentType: 'text/plain',
    hidden: true,
  },
})
