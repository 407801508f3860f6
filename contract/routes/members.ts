/** How members of a course enter its sessions: by personal link, or by code and student number. */
import { Type } from 'typebox'
import { Joined } from '../answers.ts'
import { EnterByNumber, EnterSession, MemberHome } from '../courses.ts'
import { Id, typedText } from '../schema-parts.ts'
import { declareRoutes } from './declare-routes.ts'

/** The token of a personal link. */
const Token = typedText(20, 100)

export const MEMBER_ROUTES = declareRoutes({
  'GET /api/members/:token': {
    summary: 'Whom a personal link is for, and the sessions that they can enter now',
    access: 'anyone',
    params: Type.Object({ token: Token }),
    answer: MemberHome,
  },
  // Sets the cookie of the member's participant, as the next two do.
  'POST /api/members/:token/sessions/:session': {
    summary: 'Enter a session by personal link',
    access: 'anyone',
    params: Type.Object({ token: Token, session: Id }),
    body: EnterSession,
    answer: Joined,
  },
  'POST /api/members': {
    summary: 'Enter the session of a code by student number',
    access: 'anyone',
    body: EnterByNumber,
    answer: Joined,
  },
  // The browser's cookie must prove the participant.
  'POST /api/participants/:participant/wake': {
    summary: "Go on on this one of a member's devices; the others are asleep from then on",
    access: 'anyone',
    params: Type.Object({ participant: Id }),
    answer: Joined,
  },
})
