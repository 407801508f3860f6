/** The accounts of the installation, for its owner. */
import { Type } from 'typebox'
import { ACCOUNT_PARAMS, Colleague, ColleagueChange, Invitation, Invited } from '../account.ts'
import { declareRoutes } from './declare-routes.ts'

export const COLLEAGUE_ROUTES = declareRoutes({
  'GET /api/colleagues': { summary: 'All accounts', access: 'owner', answer: Type.Array(Colleague) },
  'POST /api/colleagues': {
    summary: 'A new account, and the one-time link to it',
    access: 'owner',
    body: Invitation,
    answer: Invited,
  },
  'PATCH /api/colleagues/:teacher': {
    summary: 'Block an account, which signs it out everywhere, or make it an owner, and undo each; never my own',
    access: 'owner',
    params: ACCOUNT_PARAMS,
    body: ColleagueChange,
    answer: Type.Array(Colleague),
  },
  'POST /api/colleagues/:teacher/reset': {
    summary: 'Take the password and all sign-ins from an account, and make a new one-time link to it',
    access: 'owner',
    params: ACCOUNT_PARAMS,
    answer: Invited,
  },
})
