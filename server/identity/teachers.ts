/** How a teacher signs in: by a one-time link, or by a password; and what they may change of their own account. */
import { createHash, randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import type { Account, AccountChange, TeacherLogin } from '../../contract/account.ts'
import { ApiError } from '../base/api-error.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'

/** The teachers, in the database. */
export interface Teachers {
  /**
   * Creates a one-time link to the owner's account, which is created if there is none yet, and resolves to its token. It is valid
   * for a day. The database stores only the token's hash.
   */
  createLink(): Promise<string>
  /** Creates such a link to the account. `lifetimeMs`: real ms for which it can be used, by default a day. */
  createLinkTo(teacherId: string, lifetimeMs?: number): Promise<string>
  /**
   * Uses up a link and resolves to the teacher's id. Rejects with `already-used` if the link has been used, has expired or does
   * not exist, and if the account is blocked.
   */
  redeemLink(token: string): Promise<string>
  /**
   * Resolves to the teacher's id. Rejects with `wrong-password`, whatever is wrong: it does not tell whether there is such an
   * account.
   */
  login(given: TeacherLogin): Promise<string>
  setPassword(teacherId: string, password: string): Promise<void>
  hasPassword(teacherId: string): Promise<boolean>
  /** The number of accounts that have a password and are not blocked. */
  countPasswords(): Promise<number>
  readAccount(teacherId: string): Promise<Account>
  /** Rejects with `conflict` if another account has this e-mail address. */
  changeAccount(teacherId: string, change: AccountChange): Promise<void>
  /** The accounts that have this id, e-mail address or name, as it is typed. */
  findAccounts(typed: string): Promise<{ readonly id: string; readonly blocked: boolean }[]>
}

/**
 * The id of the account that a first start's link signs in. It is fixed, so that nodes that start at the same time do not each
 * create a teacher.
 */
export const DEFAULT_TEACHER_ID = 'teacher'
/** Real ms for which a link can be used. */
const LINK_LIFETIME_MS = 24 * 3_600_000
/** Names are not unique: a login tries the passwords of this many accounts at most. */
const MAX_NAMESAKES = 5
/** The argon2id hash of a random password that nobody knows: what is compared where there is no account, so that this takes as long. */
const NOBODYS_HASH = hash(randomBytes(16).toString('hex'))

const hashToken = (token: string) => createHash('sha256').update(token).digest('hex')

export const normalizeEmail = (email: string): string => email.normalize('NFC').trim().toLowerCase()
export const normalizeAccountName = (name: string): string => name.normalize('NFC').trim()

const named = (typed: string): Prisma.TeacherWhereInput => ({
  OR: [{ email: normalizeEmail(typed) }, { name: normalizeAccountName(typed) }],
})
const mayComeByPassword = { passwordHash: { not: null }, blockedAt: null } satisfies Prisma.TeacherWhereInput

export function createTeachers({ prisma, now }: { prisma: PrismaClient; now: () => Date }): Teachers {
  const createLinkTo: Teachers['createLinkTo'] = async (teacherId, lifetimeMs = LINK_LIFETIME_MS) => {
    const token = randomBytes(32).toString('base64url')
    const expiresAt = new Date(now().getTime() + lifetimeMs)
    await prisma.teacherLink.create({ data: { hash: hashToken(token), teacherId, expiresAt } })
    return token
  }

  /** The accounts whose password may be the one that is given. */
  const listCandidates = async (login: string) => {
    if (login !== '') return prisma.teacher.findMany({ where: { AND: [named(login), mayComeByPassword] }, take: MAX_NAMESAKES })
    const all = await prisma.teacher.findMany({ where: mayComeByPassword, take: 2 })
    return all.length === 1 ? all : []
  }

  return {
    async createLink() {
      await prisma.teacher.createMany({ data: [{ id: DEFAULT_TEACHER_ID, owner: true }], skipDuplicates: true })
      const owners = await prisma.teacher.findMany({ where: { owner: true, blockedAt: null }, orderBy: { createdAt: 'asc' } })
      const first = owners.find(({ id }) => id === DEFAULT_TEACHER_ID) ?? owners[0]
      return createLinkTo(first?.id ?? DEFAULT_TEACHER_ID)
    },
    createLinkTo,

    async redeemLink(token) {
      const [link] = await prisma.teacherLink.updateManyAndReturn({
        where: { hash: hashToken(token), usedAt: null, expiresAt: { gt: now() }, teacher: { blockedAt: null } },
        data: { usedAt: now() },
      })
      if (!link)
        throw new ApiError('already-used', 'This link has been used or is too old. `handshake teacher-link` prints a new one.')
      return link.teacherId
    },

    async login({ login = '', password }) {
      const candidates = await listCandidates(login.trim())
      for (const { id, passwordHash } of candidates) {
        if (passwordHash !== null && (await verify(passwordHash, password))) return id
      }
      if (candidates.length === 0) await verify(await NOBODYS_HASH, password)
      throw new ApiError('wrong-password', 'This is not the password.')
    },

    async setPassword(teacherId, password) {
      const passwordHash = await hash(password) // argon2id
      await prisma.teacher.upsert({ where: { id: teacherId }, update: { passwordHash }, create: { id: teacherId, passwordHash } })
    },
    hasPassword: async (teacherId) => (await prisma.teacher.count({ where: { id: teacherId, passwordHash: { not: null } } })) > 0,
    countPasswords: () => prisma.teacher.count({ where: mayComeByPassword }),

    async readAccount(teacherId) {
      const { id, name, email, owner } = await prisma.teacher.findUniqueOrThrow({ where: { id: teacherId } })
      return { id, name, email, owner }
    },

    async changeAccount(teacherId, { name, email }) {
      const data = {
        ...(name === undefined ? {} : { name: normalizeAccountName(name) }),
        ...(email === undefined ? {} : { email: email === null ? null : normalizeEmail(email) }),
      }
      await refuseTakenEmail(prisma.teacher.update({ where: { id: teacherId }, data }))
    },

    async findAccounts(typed) {
      const rows = await prisma.teacher.findMany({ where: { OR: [{ id: typed }, named(typed)] }, orderBy: { createdAt: 'asc' } })
      return rows.map(({ id, blockedAt }) => ({ id, blocked: blockedAt !== null }))
    },
  }
}

/** Waits for a change of an account. Rejects with `conflict` if another account has the e-mail address. */
export async function refuseTakenEmail<T>(change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    const uniqueViolation = 'P2002'
    if ((error as { code?: string }).code !== uniqueViolation) throw error
    throw new ApiError('conflict', 'This e-mail address cannot be used.')
  }
}
