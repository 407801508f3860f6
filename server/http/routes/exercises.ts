/** What a teacher can choose from, and the exercises that they bring along. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ExerciseId, NewExercise } from '../../../contract/schemas.ts'
import type { Library } from '../../lessons/library.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import { withFailures, ExercisesResponse, OwnExerciseResponse } from './responses.ts'

export interface ExerciseRoutes {
  readonly library: Library
}

/** Octets: the longest file, and what JSON adds to it. */
const MAX_UPLOAD_OCTETS = 512 * 1024

export const exerciseRoutes: FastifyPluginAsyncTypebox<ExerciseRoutes> = async (app, { library }) => {
  const params = Type.Object({ exercise: ExerciseId })
  const limitUploads = createRateLimit(app, 30, (request) => requireTeacher(request).id)
  const response = withFailures(OwnExerciseResponse)

  app.get(
    '/api/exercises',
    { schema: { summary: 'The exercises, in teaching order, and my own', response: withFailures(ExercisesResponse) } },
    (request) => library.list(requireTeacher(request).id),
  )

  app.post(
    '/api/exercises',
    {
      bodyLimit: MAX_UPLOAD_OCTETS,
      schema: { summary: 'An exercise of my own, or a new version of one', body: NewExercise, response },
    },
    async (request) => {
      await limitUploads(request)
      return library.save(requireTeacher(request).id, request.body)
    },
  )

  app.get(
    '/api/exercises/:exercise',
    { schema: { summary: 'An exercise of my own', params, response } },
    ({ params: { exercise } }) => library.readOwn(exercise),
  )

  app.delete(
    '/api/exercises/:exercise',
    {
      schema: {
        summary: 'Remove an exercise of my own from what can be chosen',
        params,
        response: withFailures(ExercisesResponse),
      },
    },
    async (request) => {
      await library.remove(request.params.exercise)
      return library.list(requireTeacher(request).id)
    },
  )
}
