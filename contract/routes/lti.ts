/** LTI 1.3: what platforms and their users' browsers send, and what teachers see of it. */
import { Type } from 'typebox'
import {
  Connections,
  ContentAnswer,
  ContentChoice,
  DeploymentDecision,
  Invitation,
  LaunchChoice,
  LaunchTicket,
  LaunchView,
  NewPlatform,
  PlatformChange,
  ProposalDecision,
  RosterChanges,
} from '../learning-platforms.ts'
import { codeText, Id, strictObject, typedText } from '../schema-parts.ts'
import { COURSE_PARAMS, declareRoutes } from './declare-routes.ts'

const PLATFORM_PARAMS = Type.Object({ platform: Id })

/** Parameters of a platform's, which may send more than these. */
const text = Type.Optional(typedText(0, 20_000))
const LoginParameters = Type.Object({
  iss: text,
  client_id: text,
  login_hint: text,
  target_link_uri: text,
  lti_message_hint: text,
})
const LaunchParameters = Type.Object({ state: text, id_token: Type.Optional(typedText(0, 60_000)), error: text })

export const LTI_ROUTES = declareRoutes({
  'GET /.well-known/jwks.json': {
    summary: 'The keys with which this tool signs what it tells platforms',
    access: 'anyone',
    answer: Type.Object({
      keys: Type.Array(
        Type.Object({
          kty: Type.String(),
          n: Type.String(),
          e: Type.String(),
          kid: Type.String(),
          alg: Type.String(),
          use: Type.String(),
        }),
      ),
    }),
  },
  'GET /lti/login': {
    summary: 'A platform begins a login',
    access: 'anyone',
    query: LoginParameters,
    answer: Type.String(),
    hidden: true,
  },
  'POST /lti/login': {
    summary: 'A platform begins a login, by a form',
    access: 'anyone',
    body: LoginParameters,
    acceptsForms: 'of any site',
    answer: Type.String(),
    hidden: true,
  },
  'POST /lti/launch': {
    summary: 'A platform launches this tool',
    access: 'anyone',
    body: LaunchParameters,
    maxBodyOctets: 128 * 1024,
    acceptsForms: 'of any site',
    answer: Type.String(),
    hidden: true,
  },
  'POST /lti/continue': {
    summary: 'Go on with a launch, in a tab of its own',
    access: 'anyone',
    body: LaunchTicket,
    acceptsForms: 'of this site',
    answer: Type.String(),
    hidden: true,
  },
  'GET /lti/register/:token': {
    summary: 'A platform registers itself',
    access: 'anyone',
    params: Type.Object({ token: codeText('0-9A-Za-z_-', 1, 200) }),
    query: Type.Object({ openid_configuration: text, registration_token: text }),
    answer: Type.String(),
    hidden: true,
  },
  'POST /api/launches/read': {
    summary: 'What a launch by LTI has come to',
    access: 'anyone',
    body: LaunchTicket,
    answer: LaunchView,
  },
  'POST /api/launches/choice': {
    summary: 'Answer what a launch asks: which account, course or session',
    access: 'anyone',
    body: LaunchChoice,
    answer: LaunchView,
  },
  'POST /api/launches/content': {
    summary: "Choose the sessions that a platform's new links open; the answer is posted to the platform",
    access: 'anyone',
    body: ContentChoice,
    answer: ContentAnswer,
  },
  'GET /api/platforms': {
    summary: 'My platforms, and my courses that platforms open',
    access: 'teacher',
    answer: Connections,
  },
  'POST /api/platforms': {
    token: 'none',
    summary: 'Register a platform by hand',
    access: 'teacher',
    body: NewPlatform,
    answer: Connections,
  },
  'POST /api/platforms/invitation': {
    token: 'none',
    summary: 'A link by which a platform registers itself; the one before is good no more',
    access: 'teacher',
    answer: Invitation,
  },
  'PATCH /api/platforms/:platform': {
    token: 'none',
    summary: 'Change a platform',
    access: 'teacher of the platform',
    params: PLATFORM_PARAMS,
    body: PlatformChange,
    answer: Connections,
  },
  'DELETE /api/platforms/:platform': {
    token: 'none',
    summary: 'Remove a platform, with its links and scores that wait; rosters stay',
    access: 'teacher of the platform',
    params: PLATFORM_PARAMS,
    answer: Connections,
  },
  'POST /api/platforms/:platform/deployments': {
    token: 'none',
    summary: 'Accept the launches of a deployment, or do so no more',
    access: 'teacher of the platform',
    params: PLATFORM_PARAMS,
    body: DeploymentDecision,
    answer: Connections,
  },
  'POST /api/connections/:course/roster': {
    summary: "Fetch the course's roster from its platforms",
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    answer: RosterChanges,
  },
  'POST /api/connections/:course/proposals': {
    token: 'none',
    summary: 'Say whether a member who came from a platform is the one of the roster that has been proposed',
    access: 'teacher of the course',
    params: COURSE_PARAMS,
    body: ProposalDecision,
    answer: Connections,
  },
  'POST /api/connections/:course/scores': {
    token: 'grade',
    summary: 'Send the scores that have failed again now',
    access: 'staff of the course',
    params: COURSE_PARAMS,
    body: strictObject({}),
    answer: Connections,
  },
  'DELETE /api/connections/:course/contexts/:context': {
    token: 'none',
    summary: "Take the connection with a platform's course away",
    access: 'teacher of the course',
    params: Type.Object({ course: Id, context: Id }),
    answer: Connections,
  },
  'DELETE /api/connections/:course/links/:link': {
    token: 'none',
    summary: "Let a platform's link open no session any more",
    access: 'teacher of the course',
    params: Type.Object({ course: Id, link: Id }),
    answer: Connections,
  },
})
