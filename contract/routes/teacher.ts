/** How a teacher signs in, which sets their cookie, and out; and what they may do with their own account. */
import { Type } from 'typebox'
import { AccountChange, SIGN_IN_PARAMS, SignInInfo, TeacherInfo, TeacherLink, TeacherLogin, TeacherPassword } from '../account.ts'
import { declareRoutes } from './declare-routes.ts'

export const TEACHER_ROUTES = declareRoutes({
  'GET /api/teacher': { summary: 'Whether this browser is signed in, and to which account', access: 'anyone', answer: TeacherInfo },
  'PATCH /api/teacher': {
    summary: 'Change the name or the e-mail address of my account',
    access: 'teacher',
    body: AccountChange,
    answer: TeacherInfo,
  },
  'POST /api/teacher/link': {
    summary: 'Sign in by the one-time link',
    access: 'anyone',
    body: TeacherLink,
    answer: TeacherInfo,
  },
  'POST /api/teacher/login': {
    summary: 'Sign in by e-mail address or name, and password',
    access: 'anyone',
    body: TeacherLogin,
    answer: TeacherInfo,
  },
  'POST /api/teacher/password': {
    summary: 'Set the password, which ends all other sign-ins',
    access: 'teacher',
    body: TeacherPassword,
    answer: TeacherInfo,
  },
  'POST /api/teacher/logout': { summary: 'Sign out', access: 'teacher', answer: TeacherInfo },
  'GET /api/teacher/sign-ins': { summary: 'Where I am signed in', access: 'teacher', answer: Type.Array(SignInInfo) },
  'DELETE /api/teacher/sign-ins/:signIn': {
    summary: 'End one of my sign-ins',
    access: 'teacher',
    params: SIGN_IN_PARAMS,
    answer: Type.Array(SignInInfo),
  },
})
