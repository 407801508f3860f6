/** How learners practise alone. */
import { Type } from 'typebox'
import { Practice, PracticeBegun, Replay } from '../answers.ts'
import { BeginPractice, ExerciseId } from '../requests.ts'
import { declareRoutes } from './declare-routes.ts'

export const PRACTICE_ROUTES = declareRoutes({
  'GET /api/practice': {
    summary: 'What there is to practise alone, and what is not finished',
    access: 'anyone',
    answer: Practice,
  },
  // Sets this participant's cookie.
  'POST /api/practice': {
    summary: 'Begin a round alone; one that is not finished ends',
    access: 'anyone',
    body: BeginPractice,
    answer: PracticeBegun,
  },
  'GET /api/practice/:exercise/demonstration': {
    summary: 'A built-in exercise played by two built-in partners, to be watched',
    access: 'anyone',
    params: Type.Object({ exercise: ExerciseId }),
    answer: Replay,
  },
})
