/** The exercises that a teacher can choose from, and uploads of the teacher's own exercises. */
import { Type } from 'typebox'
import { ExerciseInfo, ExercisePreview, OwnExercise } from '../answers.ts'
import { NewExercise } from '../requests.ts'
import { declareRoutes, EXERCISE_PARAMS } from './declare-routes.ts'

export const EXERCISE_ROUTES = declareRoutes({
  'GET /api/exercises': {
    summary: 'The exercises, in teaching order, and my own',
    access: 'teacher',
    answer: Type.Array(ExerciseInfo),
  },
  'POST /api/exercises': {
    summary: 'An exercise of my own, or a new version of one',
    access: 'teacher',
    body: NewExercise,
    maxBodyOctets: 512 * 1024, // the longest file with JSON's escapes
    answer: OwnExercise,
  },
  'GET /api/exercises/:exercise/preview': {
    summary: 'A built-in exercise, to read before choosing it',
    access: 'teacher',
    params: EXERCISE_PARAMS,
    answer: ExercisePreview,
  },
  'GET /api/exercises/:exercise': {
    summary: 'An exercise of my own',
    access: 'teacher of the exercise',
    params: EXERCISE_PARAMS,
    answer: OwnExercise,
  },
  'DELETE /api/exercises/:exercise': {
    summary: 'Remove an exercise of my own from what can be chosen',
    access: 'teacher of the exercise',
    params: EXERCISE_PARAMS,
    answer: Type.Array(ExerciseInfo),
  },
})
