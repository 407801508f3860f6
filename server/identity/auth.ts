/**
 * Authentication: signed cookies, one for each participant who has joined from a browser and one for the teacher; and tokens of programs
 * that act for a teacher.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { fastifyCookie, type CookieSerializeOptions } from '@fastify/cookie'
import type { SeatOrNetwork } from '../../protocol/seat.ts'
import { SignJWT, jwtVerify } from 'jose'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { TokenScope } from '../../contract/access-rules.ts'
import { readBearer, type ApiTokens } from './api-tokens.ts'
import type { SignIns } from './sign-ins.ts'

export interface ParticipantPrincipal {
  readonly kind: 'participant'
  readonly id: string
  readonly session: string
  /** Which of a member's devices this is; absent in an open session. */
  readonly device?: string
}
export interface TeacherPrincipal {
  readonly kind: 'teacher'
  readonly id: string
}
/** A program that acts for a teacher. */
export interface TokenPrincipal {
  readonly kind: 'token'
  /** The teacher's id. */
  readonly id: string
  readonly scopes: readonly TokenScope[]
}
/** Who sends a request or event, as proved by a cookie or a token. */
export type Principal = ParticipantPrincipal | TeacherPrincipal | TokenPrincipal

/** Whom a cookie proves. */
type CookieHolder = Exclude<Principal['kind'], 'token'>

/** Who hands out a replay link: a seat of a lesson's round, or the owner, which is the teacher or who practises alone. */
export type ReplayLinkAuthor = SeatOrNetwork | 'owner'

/** How many times a round's links have been revoked: all of them by the owner, and those of a seat by that seat. */
export type Revocations = { readonly [A in ReplayLinkAuthor]: number }

/**
 * What a replay link grants: access to a round, with or without the names of its players. `revocations` are those when the link was made;
 * if the owner's or the author's number has changed, the link is invalid.
 */
export interface ReplayLink {
  readonly round: string
  readonly names: boolean
  readonly author: ReplayLinkAuthor
  readonly revocations: Revocations
}

/** The cookies of a request: values by name. */
export type Cookies = { readonly [name: string]: string | undefined }

/** A cookie to set; an empty `value` clears it. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  readonly options: CookieSerializeOptions
}

/** Creates and verifies cookies and the tokens of replay links. */
export interface Auth {
  /**
   * Creates the cookies that add this participant to the browser. Participants beyond `MAX_PARTICIPANTS_PER_BROWSER` are cleared,
   * oldest first.
   */
  createParticipantCookies(participant: { id: string; session: string; device?: string }, held: Cookies): Promise<SetCookie[]>
  /** Signs this teacher in and resolves to the cookie. `browser`: the request's User-Agent. */
  createTeacherCookie(id: string, browser?: string): Promise<SetCookie>
  /** The id of the sign-in that this browser's cookie proves; null if it is not signed in. */
  readSignIn(held: Cookies): Promise<string | null>
  readonly clearedTeacherCookie: SetCookie
  /** All participants as whom this browser has joined, oldest first. */
  verifyParticipants(held: Cookies): Promise<ParticipantPrincipal[]>
  verifyTeacher(held: Cookies): Promise<TeacherPrincipal | null>
  /** The program that an `Authorization` header proves; null if it has none of our tokens, or an invalid one. */
  verifyToken(authorization: string | undefined): Promise<TokenPrincipal | null>
  /**
   * Authenticates a socket: `auth` names the participant or the teacher, whose cookie must prove it, or has a token. Null if it is
   * not proved.
   */
  authenticate(cookieHeader: string | undefined, auth: unknown): Promise<Principal | null>
  /**
   * The token of a replay link. Equal links have equal tokens. A token is valid as long as the round is kept and the link is not
   * revoked.
   */
  createReplayToken(link: ReplayLink): string
  /** The token of a member's personal link. `revoked`: how often their links have been revoked; then those of before are invalid. */
  createMemberToken(member: { readonly id: string; readonly revoked: number }): string
  /** The member of a personal link's token; null if it is forged or revoked. `readRevoked`: null if there is no such member. */
  verifyMemberToken(token: string, readRevoked: (member: string) => Promise<number | null>): Promise<string | null>
  /**
   * The link of a token; null if the token is forged or revoked. `readRevocations` reads the round's current revocations; null if
   * there is no such round.
   */
  verifyReplayToken(token: string, readRevocations: (round: string) => Promise<Revocations | null>): Promise<ReplayLink | null>
}

/** Maximum number of participants per browser: their cookies must fit into the head of a request. */
export const MAX_PARTICIPANTS_PER_BROWSER = 12

const TEACHER_COOKIE = 't'
const PARTICIPANT_COOKIE_PREFIX = 'p_'
/** The parts of a replay token: a flag for the author and for names or none, the MAC, the round's id. */
const FLAGS: { readonly [A in ReplayLinkAuthor]: { readonly named: string; readonly nameless: string } } = {
  owner: { named: 'n', nameless: 'a' },
  client: { named: 'c', nameless: 'd' },
  server: { named: 's', nameless: 't' },
  network: { named: 'w', nameless: 'x' },
}
const AUTHORS = Object.keys(FLAGS) as ReplayLinkAuthor[]
const MAC_LENGTH = 22
const TOKEN_PATTERN = /^[\w-]+$/
/** Seconds: one term, about four months. */
const TOKEN_LIFETIME_S = 120 * 24 * 3600

/** The secret that signs tokens. It is created on the first start and is the same for all nodes on one database. */
export async function loadTokenSecret(prisma: PrismaClient): Promise<Uint8Array> {
  const key = 'token-secret'
  await prisma.setting.createMany({ data: [{ key, value: randomBytes(32).toString('base64url') }], skipDuplicates: true })
  const { value } = await prisma.setting.findUniqueOrThrow({ where: { key } })
  return Buffer.from(value, 'base64url')
}

/**
 * Creates the authentication. `secure` restricts cookies to HTTPS; it must be false over plain HTTP, where browsers would drop
 * such cookies.
 */
export function createAuth({
  secret,
  secure,
  now,
  signIns,
  tokens,
}: {
  secret: Uint8Array
  secure: boolean
  now: () => Date
  signIns: Pick<SignIns, 'begin' | 'isOpen'>
  tokens: Pick<ApiTokens, 'verify'>
}): Auth {
  const seconds = () => now().getTime() / 1000

  const sign = (audience: CookieHolder, subject: string, claims: { session?: string; device?: string; jti?: string } = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(audience)
      .setSubject(subject)
      .setIssuedAt(seconds())
      .setExpirationTime(seconds() + TOKEN_LIFETIME_S)
      .sign(secret)

  /** Null for a token that is missing, expired, made for another audience, or not signed by us. */
  const verify = async (audience: CookieHolder, token: string | undefined) => {
    if (!token) return null
    try {
      const { payload } = await jwtVerify(token, secret, { audience, algorithms: ['HS256'], currentDate: now() })
      return payload as { sub: string; iat: number; session?: string; device?: string; jti?: string }
    } catch {
      return null
    }
  }

  const verifyParticipant = async (id: string, token: string | undefined) => {
    const claims = await verify('participant', token)
    if (claims?.sub !== id || claims.session === undefined) return null
    const { session, device } = claims
    return {
      principal: { kind: 'participant', id, session, ...(device === undefined ? {} : { device }) } as const,
      since: claims.iat,
    }
  }

  const verifyAllParticipants = async (cookies: Cookies) => {
    const names = Object.keys(cookies).filter((name) => name.startsWith(PARTICIPANT_COOKIE_PREFIX))
    const all = await Promise.all(
      names.map((name) => verifyParticipant(name.slice(PARTICIPANT_COOKIE_PREFIX.length), cookies[name])),
    )
    return all.filter((one) => one !== null).sort((a, b) => a.since - b.since)
  }

  /**
   * A MAC of 22 characters (just over 128 bits) over the round, the flag and the count: short enough for an address that is read
   * out or printed.
   */
  const createReplayToken = ({ round, names, author, revocations }: ReplayLink): string => {
    const flag = FLAGS[author][names ? 'named' : 'nameless']
    const own = author === 'owner' ? '' : ` ${revocations[author]}`
    const text = `replay ${flag} ${round} ${revocations.owner}${own}`
    const mac = createHmac('sha256', secret).update(text).digest('base64url').slice(0, MAC_LENGTH)
    return flag + mac + round
  }

  const createMemberToken: Auth['createMemberToken'] = ({ id, revoked }) =>
    createHmac('sha256', secret).update(`member ${id} ${revoked}`).digest('base64url').slice(0, MAC_LENGTH) + id

  const cookie = (name: string, value: string, sameSite: 'lax' | 'strict'): SetCookie => ({
    name,
    value,
    options: { path: '/', httpOnly: true, secure, sameSite, maxAge: value === '' ? 0 : TOKEN_LIFETIME_S },
  })

  const findSignIn = async (cookies: Cookies): Promise<{ teacher: string; signIn: string } | null> => {
    const claims = await verify('teacher', cookies[TEACHER_COOKIE])
    if (claims?.jti === undefined || !(await signIns.isOpen(claims.jti))) return null
    return { teacher: claims.sub, signIn: claims.jti }
  }

  const verifyTeacher = async (cookies: Cookies): Promise<TeacherPrincipal | null> => {
    const held = await findSignIn(cookies)
    return held && { kind: 'teacher', id: held.teacher }
  }

  const verifyToken = async (secret: string | null): Promise<TokenPrincipal | null> => {
    const holder = secret === null ? null : await tokens.verify(secret)
    return holder && { kind: 'token', id: holder.teacherId, scopes: holder.scopes }
  }

  return {
    async createParticipantCookies({ id, session, device }, cookies) {
      const others = (await verifyAllParticipants(cookies)).filter(({ principal }) => principal.id !== id)
      const surplus = others.slice(0, Math.max(0, others.length + 1 - MAX_PARTICIPANTS_PER_BROWSER))
      return [
        cookie(
          PARTICIPANT_COOKIE_PREFIX + id,
          await sign('participant', id, { session, ...(device === undefined ? {} : { device }) }),
          'lax',
        ),
        ...surplus.map(({ principal }) => cookie(PARTICIPANT_COOKIE_PREFIX + principal.id, '', 'lax')),
      ]
    },

    // SameSite=Strict works although the sign-in link may come by mail: the mail opens a page, and the requests of that page are
    // same-site.
    createTeacherCookie: async (id, browser = '') =>
      cookie(TEACHER_COOKIE, await sign('teacher', id, { jti: await signIns.begin(id, browser) }), 'strict'),
    readSignIn: async (cookies) => (await findSignIn(cookies))?.signIn ?? null,
    clearedTeacherCookie: cookie(TEACHER_COOKIE, '', 'strict'),

    verifyParticipants: async (cookies) => (await verifyAllParticipants(cookies)).map(({ principal }) => principal),
    verifyTeacher,
    verifyToken: (authorization) => verifyToken(readBearer(authorization)),

    async authenticate(cookieHeader, auth) {
      const cookies: Cookies = fastifyCookie.parse(cookieHeader ?? '')
      // It should be a `SocketAuth` of the contract, but it is unchecked input.
      const claimed = (auth ?? {}) as { participant?: unknown; teacher?: unknown; token?: unknown }
      if (claimed.teacher === true) return verifyTeacher(cookies)
      if (typeof claimed.token === 'string') return verifyToken(claimed.token)
      if (typeof claimed.participant !== 'string') return null
      const held = await verifyParticipant(claimed.participant, cookies[PARTICIPANT_COOKIE_PREFIX + claimed.participant])
      return held?.principal ?? null
    },

    createReplayToken,
    createMemberToken,
    async verifyMemberToken(token, readRevoked) {
      if (!TOKEN_PATTERN.test(token)) return null
      const id = token.slice(MAC_LENGTH)
      const revoked = id === '' ? null : await readRevoked(id)
      return revoked !== null && isEqualText(token, createMemberToken({ id, revoked })) ? id : null
    },
    async verifyReplayToken(token, readRevocations) {
      if (!TOKEN_PATTERN.test(token)) return null // anything else must not reach the database
      const round = token.slice(1 + MAC_LENGTH)
      const flag = token.slice(0, 1)
      const author = AUTHORS.find((each) => FLAGS[each].named === flag || FLAGS[each].nameless === flag)
      const revocations = author ? await readRevocations(round) : null
      if (!author || !revocations) return null
      const link = { round, names: FLAGS[author].named === flag, author, revocations }
      return isEqualText(token, createReplayToken(link)) ? link : null
    },
  }
}

/** Compares in a time that says nothing about where they differ. */
function isEqualText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
