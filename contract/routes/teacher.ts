/** How a teacher signs in, which sets their cookie, and out; and what they may do with their own account, which no token opens. */
import { Type } from 'typebox'
import {
  AccountChange,
  API_TOKEN_PARAMS,
  ApiTokenInfo,
  CreatedApiToken,
  NewApiToken,
  SIGN_IN_PARAMS,
  SignInInfo,
  TeacherInfo,
  TeacherLink,
  TeacherLogin,
  TeacherPassword,
} from '../account.ts'
import { declareRoutes } from './declare-routes.ts'

export const TEACHER_ROUTES = declareRoutes({
  'GET /api/teacher': { summary: 'Whether this browser is signed in, and to which account', access: 'anyone', answer: TeacherInfo },
  'PATCH /api/teacher': {
    summary: 'Change the name or the e-mail address of my account',
    access: 'teacher',
    token: 'none',
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
    token: 'none',
    body: TeacherPassword,
    answer: TeacherInfo,
  },
  'POST /api/teacher/logout': { summary: 'Sign out', access: 'teacher', token: 'none', answer: TeacherInfo },
  'GET /api/teacher/sign-ins': {
    summary: 'Where I am signed in',
    access: 'teacher',
    token: 'none',
    answer: Type.Array(SignInInfo),
  },
  'DELETE /api/teacher/sign-ins/:signIn': {
    summary: 'End one of my sign-ins',
    access: 'teacher',
    token: 'none',
    params: SIGN_IN_PARAMS,
    answer: Type.Array(SignInInfo),
  },
  'GET /api/teacher/tokens': { summary: 'My tokens', access: 'teacher', token: 'none', answer: Type.Array(ApiTokenInfo) },
  'POST /api/teacher/tokens': {
    summary: 'A new token, which is shown in this answer alone',
    access: 'teacher',
    token: 'none',
    body: NewApiToken,
    answer: CreatedApiToken,
  },
  'DELETE /api/teacher/tokens/:apiToken': {
    summary: 'Revoke one of my tokens',
    access: 'teacher',
    token: 'none',
    params: API_TOKEN_PARAMS,
    answer: Type.Array(ApiTokenInfo),
  },
})
