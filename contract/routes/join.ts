/** How students join: they enter a code, then a name. */
import { Type } from 'typebox'
import { ClaimState, CodeInfo, Joined } from '../answers.ts'
import { Claim, Code, Join } from '../requests.ts'
import { Id } from '../schema-parts.ts'
import { declareRoutes } from './declare-routes.ts'

export const JOIN_ROUTES = declareRoutes({
  'GET /api/codes/:code': {
    summary: 'The session with this code, and who has joined it from this browser',
    access: 'anyone',
    params: Type.Object({ code: Code }),
    answer: CodeInfo,
  },
  // Sets this participant's cookie.
  'POST /api/join': {
    summary: 'Join a session as a new participant',
    access: 'anyone',
    body: Join,
    answer: Joined,
  },
  // A student who comes back on another device. The browser's cookie must prove the participant who claims.
  'POST /api/claims': {
    summary: 'Claim the seat of the participant with this name; the teacher decides',
    access: 'anyone',
    body: Claim,
    answer: ClaimState,
  },
  // Once the claim has been granted, sets the cookie of the claimed participant.
  'GET /api/claims/:participant': {
    summary: 'What has become of the claim of a participant of this browser',
    access: 'anyone',
    params: Type.Object({ participant: Id }),
    answer: ClaimState,
  },
})
