/** Teachers' accounts: what the routes for them accept and answer. */
import { Type } from 'typebox'
import { TOKEN_SCOPES } from './access-rules.ts'
import { AccountId, Id, literals, nullable, strictObject, typedText, visibleText, type JsonOf } from './schema-parts.ts'

/** An e-mail address: it is only ever compared, so its form is checked no further. */
const Email = Type.String({ pattern: '^[^\\s@\\u0000\\p{Cs}]{1,64}@[^\\s@\\u0000\\p{Cs}]{1,190}$' })
const AccountName = visibleText(60)

/** Sign in by the token of a one-time link. */
export const TeacherLink = strictObject({ token: typedText(20, 100) })
/** Sign in by the password. `login`: an e-mail address or a name; it may be absent while only one account has a password. */
export const TeacherLogin = strictObject({ login: Type.Optional(typedText(0, 255)), password: typedText(1, 200) })
export type TeacherLogin = JsonOf<typeof TeacherLogin>
/** Set the password. */
export const TeacherPassword = strictObject({ password: typedText(8, 200) })
/** Change one's own account; what is absent stays as it is. */
export const AccountChange = strictObject({ name: Type.Optional(AccountName), email: Type.Optional(nullable(Email)) })
export type AccountChange = JsonOf<typeof AccountChange>

/** Invite a colleague. */
export const Invitation = strictObject({ name: AccountName, email: Type.Optional(nullable(Email)) })
export type Invitation = JsonOf<typeof Invitation>
/** Change what a colleague may; what is absent stays as it is. */
export const ColleagueChange = strictObject({ blocked: Type.Optional(Type.Boolean()), owner: Type.Optional(Type.Boolean()) })
export type ColleagueChange = JsonOf<typeof ColleagueChange>

/** Create a token by which a program acts for its teacher. */
export const NewApiToken = strictObject({
  name: AccountName,
  scopes: Type.Array(literals(TOKEN_SCOPES), { minItems: 1, maxItems: TOKEN_SCOPES.length }),
})
export type NewApiToken = JsonOf<typeof NewApiToken>

export const ACCOUNT_PARAMS = Type.Object({ teacher: AccountId })
export const API_TOKEN_PARAMS = Type.Object({ apiToken: Id })
export const SIGN_IN_PARAMS = Type.Object({ signIn: Id })

/** A teacher's own account. */
export const Account = Type.Object({
  id: Type.String(),
  /** Empty until it has been said. */
  name: Type.String(),
  /** In lower case. */
  email: nullable(Type.String()),
  /** Whether it owns the installation. */
  owner: Type.Boolean(),
})
export type Account = JsonOf<typeof Account>

/** Whether this browser is signed in as a teacher. */
export const TeacherInfo = Type.Object({
  signedIn: Type.Boolean(),
  /** Signed in: whether this account has a password. Otherwise: whether any has. */
  hasPassword: Type.Boolean(),
  /** Whether a password is enough to sign in, because only one account has one. */
  passwordAlone: Type.Boolean(),
  /** Null if this browser is not signed in. */
  account: nullable(Account),
})
export type TeacherInfo = JsonOf<typeof TeacherInfo>

/** Where a teacher is signed in. Times are ISO 8601. */
export const SignInInfo = Type.Object({
  id: Type.String(),
  /** What the browser calls itself (User-Agent); empty if it did not say. */
  browser: Type.String(),
  since: Type.String(),
  /** To within five minutes. */
  lastSeen: Type.String(),
  /** Whether it is the one that asks. */
  current: Type.Boolean(),
})
export type SignInInfo = JsonOf<typeof SignInInfo>

/** An account as the installation's owner sees it. */
export const Colleague = Type.Object({
  ...Account.properties,
  blocked: Type.Boolean(),
  /** Whether anybody has ever signed in to it. */
  hasCome: Type.Boolean(),
  /** The last use of a sign-in that has not ended, ISO 8601; null if there is none. */
  lastSeen: nullable(Type.String()),
})
export type Colleague = JsonOf<typeof Colleague>

/** An account and the token of its new one-time link, which is shown once. */
export const Invited = Type.Object({ colleague: Colleague, token: Type.String() })
export type Invited = JsonOf<typeof Invited>

/** A token by which a program acts for its teacher. Times are ISO 8601. */
export const ApiTokenInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(literals(TOKEN_SCOPES)),
  createdAt: Type.String(),
  /** To within five minutes; null if it has never been used. */
  lastUsed: nullable(Type.String()),
})
export type ApiTokenInfo = JsonOf<typeof ApiTokenInfo>

/** A new token. `secret` is what a program sends; it cannot be shown again. */
export const CreatedApiToken = Type.Object({ token: ApiTokenInfo, secret: Type.String() })
export type CreatedApiToken = JsonOf<typeof CreatedApiToken>
