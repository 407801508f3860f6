/** What the routes of LTI accept and answer: platforms, connected courses, and launches that somebody goes on with. */
import { Type } from 'typebox'
import type { CourseRole } from './access-rules.ts'
import { Id, literals, nullable, strictObject, typedText, visibleText, type JsonOf } from './schema-parts.ts'

const PlatformText = typedText(1, 255)
const PlatformUrl = typedText(8, 2000)

/** Register a platform by hand. `tokenAudience`: of requests for access tokens, where it is not `tokenUrl`. */
export const NewPlatform = strictObject({
  name: visibleText(80),
  issuer: PlatformText,
  clientId: PlatformText,
  authenticationUrl: PlatformUrl,
  tokenUrl: PlatformUrl,
  keySetUrl: PlatformUrl,
  tokenAudience: Type.Optional(nullable(PlatformUrl)),
  deployments: Type.Array(PlatformText, { maxItems: 20 }),
})
export type NewPlatform = JsonOf<typeof NewPlatform>

/** Change a platform; what is absent stays as it is. */
export const PlatformChange = strictObject({
  name: Type.Optional(visibleText(80)),
  issuer: Type.Optional(PlatformText),
  clientId: Type.Optional(PlatformText),
  authenticationUrl: Type.Optional(PlatformUrl),
  tokenUrl: Type.Optional(PlatformUrl),
  keySetUrl: Type.Optional(PlatformUrl),
  tokenAudience: Type.Optional(nullable(PlatformUrl)),
})
export type PlatformChange = JsonOf<typeof PlatformChange>

/** Accept the launches of a deployment, or do so no more. */
export const DeploymentDecision = strictObject({ deployment: PlatformText, accepted: Type.Boolean() })

/** Say whether a member who came from a platform is the one of the roster that has been proposed. */
export const ProposalDecision = strictObject({ member: Id, same: Type.Boolean() })

const PlatformInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  issuer: Type.String(),
  clientId: Type.String(),
  authenticationUrl: Type.String(),
  tokenUrl: Type.String(),
  keySetUrl: Type.String(),
  tokenAudience: nullable(Type.String()),
  /** One that is not accepted has been named by a launch, which was refused. */
  deployments: Type.Array(Type.Object({ id: Type.String(), accepted: Type.Boolean() })),
})
export type PlatformInfo = JsonOf<typeof PlatformInfo>

const PersonInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  number: Type.String(),
  email: nullable(Type.String()),
})

/** A course of this teacher that platforms open. */
const ConnectedCourse = Type.Object({
  id: Type.String(),
  title: Type.String(),
  role: Type.Enum(['owner', 'teacher', 'assistant'] as const satisfies readonly CourseRole[]),
  contexts: Type.Array(
    Type.Object({
      id: Type.String(),
      platform: Type.String(),
      /** The title of the course at the platform. */
      title: Type.String(),
      /** Whether the platform tells who its members are. */
      listsMembers: Type.Boolean(),
      /** When the roster was last fetched, ISO 8601; null if it never was. */
      fetchedAt: nullable(Type.String()),
    }),
  ),
  /** Members who came from a platform, and those of the roster who may be the same person. */
  proposals: Type.Array(Type.Object({ member: PersonInfo, proposed: PersonInfo })),
  links: Type.Array(
    Type.Object({
      id: Type.String(),
      platform: Type.String(),
      session: Type.Object({ id: Type.String(), title: Type.String() }),
      /** Whether the platform takes scores for it. */
      takesScores: Type.Boolean(),
      /** How many scores have been sent, and how many wait. */
      sent: Type.Integer(),
      waiting: Type.Integer(),
      /** The scores whose last attempt failed. `nextAt`: ISO 8601. */
      failed: Type.Array(
        Type.Object({ name: Type.String(), error: Type.String(), attempts: Type.Integer(), nextAt: Type.String() }),
      ),
    }),
  ),
})
export type ConnectedCourse = JsonOf<typeof ConnectedCourse>

/** A teacher's platforms and connected courses, and what to enter at a platform. */
export const Connections = Type.Object({
  tool: Type.Object({
    loginUrl: Type.String(),
    launchUrl: Type.String(),
    keySetUrl: Type.String(),
    /** The host of these addresses. */
    domain: Type.String(),
    /** Whether they are https, which platforms ask for. */
    secure: Type.Boolean(),
  }),
  platforms: Type.Array(PlatformInfo),
  /** The newest link for dynamic registration that has not been used; null if there is none. */
  invitation: nullable(
    Type.Object({
      /** ISO 8601. */
      expiresAt: Type.String(),
      /** Why the last attempt failed, in English. */
      lastError: nullable(Type.String()),
    }),
  ),
  courses: Type.Array(ConnectedCourse),
})
export type Connections = JsonOf<typeof Connections>

/** A link by which a platform registers itself, once. `expiresAt`: ISO 8601. */
export const Invitation = Type.Object({ url: Type.String(), expiresAt: Type.String() })

/** What fetching the roster has changed. */
export const RosterChanges = Type.Object({
  added: Type.Integer(),
  /** Members whose name or e-mail address is new. */
  changed: Type.Integer(),
  /** Names of members who came from the platform and are not on its list any more. They stay on the roster. */
  gone: Type.Array(Type.String()),
})
export type RosterChanges = JsonOf<typeof RosterChanges>

/** The secret with which a launch goes on, once. */
const Ticket = typedText(20, 100)
export const LaunchTicket = strictObject({ ticket: Ticket })

/**
 * Answer what a launch asks. `account`: a new one, or the one that is signed in here. `course`: the one that the platform's course is
 * from now on; null for a new one. `session`: the one that the link opens from now on.
 */
export const LaunchChoice = strictObject({
  ticket: Ticket,
  account: Type.Optional(literals(['new', 'mine'] as const)),
  course: Type.Optional(nullable(Id)),
  session: Type.Optional(Id),
})
export type LaunchChoice = JsonOf<typeof LaunchChoice>

/** Choose the sessions that a platform's new links are to open. */
export const ContentChoice = strictObject({ ticket: Ticket, sessions: Type.Array(Id, { minItems: 1, maxItems: 20 }) })
/** What to post to the platform, as its form field `JWT`. */
export const ContentAnswer = Type.Object({ url: Type.String(), jwt: Type.String() })

const Choice = Type.Object({ id: Type.String(), title: Type.String() })

/** What a launch has come to. */
export const LaunchView = Type.Object({
  /**
   * - `account`: which account this teacher of the platform has here is unknown.
   * - `course`: which course the platform's course is here is unknown.
   * - `session`: which session the link opens is unknown.
   * - `content`: the platform asks which sessions its new links are to open.
   * - `ready`: it can go on to the session.
   * - `not-ready`: for a student whose teacher has not chosen course and session yet.
   * - `closed`: for a student who has not taken part in the session, which is over or lets nobody new join.
   */
  step: Type.Enum(['account', 'course', 'session', 'content', 'ready', 'not-ready', 'closed']),
  /** Whether the browser keeps this site's cookies where the platform has opened it. */
  keepsCookies: Type.Boolean(),
  platform: Type.String(),
  /** The user's name at the platform; null if it does not tell it. */
  name: nullable(Type.String()),
  role: Type.Enum(['teacher', 'assistant', 'student']),
  /** The platform's title of its course. */
  context: Type.String(),
  /** The session's title, once it is known. */
  session: nullable(Type.String()),
  /** Whether this browser has shown that the launch is its own. */
  isProven: Type.Boolean(),
  /** For `account`: whether a new account may be made, and the name of the one that is signed in here; empty if that has no name. */
  mayCreateAccount: Type.Boolean(),
  signedIn: nullable(Type.String()),
  /** For `course` and for `session` and `content`: what there is to choose among, newest first. */
  courses: Type.Array(Choice),
  sessions: Type.Array(Choice),
  /** For `content`: whether several may be chosen. */
  multiple: Type.Boolean(),
})
export type LaunchView = JsonOf<typeof LaunchView>
