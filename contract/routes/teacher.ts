/** How the teacher signs in, which sets their cookie, and out. */
import { TeacherInfo } from '../answers.ts'
import { TeacherLink, TeacherLogin, TeacherPassword } from '../requests.ts'
import { declareRoutes } from './declare-routes.ts'

export const TEACHER_ROUTES = declareRoutes({
  'GET /api/teacher': { summary: 'Whether this browser is signed in', access: 'anyone', answer: TeacherInfo },
  'POST /api/teacher/link': {
    summary: 'Sign in by the one-time link',
    access: 'anyone',
    body: TeacherLink,
    answer: TeacherInfo,
  },
  'POST /api/teacher/login': {
    summary: 'Sign in by the password',
    access: 'anyone',
    body: TeacherLogin,
    answer: TeacherInfo,
  },
  'POST /api/teacher/password': {
    summary: 'Set the password',
    access: 'teacher',
    body: TeacherPassword,
    answer: TeacherInfo,
  },
  'POST /api/teacher/logout': { summary: 'Sign out', access: 'teacher', answer: TeacherInfo },
})
