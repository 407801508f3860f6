/** What a teacher can choose from, and the exercises that they bring along. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ExerciseId, NewExercise } from '../../contract/schemas.ts'
import type { Library } from '../library.ts'
import { teacherOf } from '../plugins/guard.ts'
import { limit } from '../plugins/limits.ts'
import { answers, ExercisesAnswer, OwnExerciseAnswer } from './answers.ts'

export interface ExerciseRoutes {
  readonly library: Library
}

/** Octets: the longest file, and what JSON adds to it. */
const LONGEST_BODY = 512 * 1024

export const exerciseRoutes: FastifyPluginAsyncTypebox<ExerciseRoutes> = async (app, { library }) => {
  const params = Type.Object({ exercise: ExerciseId })
  const uploads = limit(app, 30, (request) => teacherOf(request).id)
  const response = answers(OwnExerciseAnswer)

  app.get(
    '/api/exercises',
    { schema: { summary: 'The exercises, in teaching order, and my own', response: answers(ExercisesAnswer) } },
    (request) => library.list(teacherOf(request).id),
  )

  app.post(
    '/api/exercises',
    {
      bodyLimit: LONGEST_BODY,
      schema: { summary: 'An exercise of my own, or a new version of one', body: NewExercise, response },
    },
    async (request) => {
      await uploads(request)
      return library.put(teacherOf(request).id, request.body)
    },
  )

  app.get(
    '/api/exercises/:exercise',
    { schema: { summary: 'An exercise of my own', params, response } },
    ({ params: { exercise } }) => library.own(exercise),
  )

  app.delete(
    '/api/exercises/:exercise',
    { schema: { summary: 'Remove an exercise of my own from what can be chosen', params, response: answers(ExercisesAnswer) } },
    async (request) => {
      await library.remove(request.params.exercise)
      return library.list(teacherOf(request).id)
    },
  )
}
