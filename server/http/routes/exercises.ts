/** The exercises that a teacher can choose from, and uploads of the teacher's own exercises. */
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../base/api-error.ts'
import { toExercisePreview, type Library } from '../../lessons/library.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface ExerciseDeps {
  readonly library: Library
}

export const exerciseHandlers = (app: FastifyInstance, { library }: ExerciseDeps): RouteHandlers<RoutesBelow<'/api/exercises'>> => {
  const limitUploads = createRateLimit(app, 'uploads', 30, (request) => requireTeacher(request).id)

  return {
    'GET /api/exercises': (request) => library.list(requireTeacher(request).id),

    'POST /api/exercises': async (request) => {
      await limitUploads(request)
      return library.save(requireTeacher(request).id, request.body)
    },

    'GET /api/exercises/:exercise/preview': ({ params: { exercise } }) => {
      const found = library.builtIn.get(exercise)
      if (!found) throw new ApiError('not-found', 'There is no such built-in exercise.')
      return toExercisePreview(found)
    },

    'GET /api/exercises/:exercise': ({ params: { exercise } }) => library.readOwn(exercise),

    'DELETE /api/exercises/:exercise': async (request) => {
      await library.remove(request.params.exercise)
      return library.list(requireTeacher(request).id)
    },
  }
}
