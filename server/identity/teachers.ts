/** How a teacher signs in: by the one-time link that each start prints, or by a password. */
import { createHash, randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** The teachers, in the database. */
export interface Teachers {
  /** Creates a one-time link that is valid for a day, and resolves to its token. The database stores only the token's hash. */
  createLink(): Promise<string>
  /**
   * Uses up a link and resolves to the teacher's id. Rejects with `already-used` if the link has been used, has expired or does
   * not exist.
   */
  redeemLink(token: string): Promise<string>
  /** Resolves to the teacher's id. Rejects with `wrong-password`. */
  login(password: string): Promise<string>
  setPassword(teacherId: string, password: string): Promise<void>
  hasPassword(): Promise<boolean>
}

/**
 * The id of the teacher that start links sign in. It is fixed, so that nodes that start at the same time do not each create a
 * teacher.
 */
export const DEFAULT_TEACHER_ID = 'teacher'
/** Real ms for which a link can be used. */
const LINK_LIFETIME_MS = 24 * 3_600_000

const hashToken = (token: string) => createHash('sha256').update(token).digest('hex')

export function createTeachers({ prisma, now }: { prisma: PrismaClient; now: () => Date }): Teachers {
  return {
    async createLink() {
      const token = randomBytes(32).toString('base64url')
      await prisma.teacher.createMany({ data: [{ id: DEFAULT_TEACHER_ID, owner: true }], skipDuplicates: true })
      await prisma.teacherLink.create({
        data: { hash: hashToken(token), teacherId: DEFAULT_TEACHER_ID, expiresAt: new Date(now().getTime() + LINK_LIFETIME_MS) },
      })
      return token
    },

    async redeemLink(token) {
      const [link] = await prisma.teacherLink.updateManyAndReturn({
        where: { hash: hashToken(token), usedAt: null, expiresAt: { gt: now() } },
        data: { usedAt: now() },
      })
      if (!link)
        throw new ApiError('already-used', 'This link has been used or is too old. A restart of the server prints a new one.')
      return link.teacherId
    },

    async login(password) {
      const teachers = await prisma.teacher.findMany({ where: { passwordHash: { not: null } } })
      for (const { id, passwordHash } of teachers) {
        if (passwordHash !== null && (await verify(passwordHash, password))) return id
      }
      throw new ApiError('wrong-password', 'This is not the password.')
    },

    async setPassword(teacherId, password) {
      const passwordHash = await hash(password) // argon2id
      await prisma.teacher.upsert({ where: { id: teacherId }, update: { passwordHash }, create: { id: teacherId, passwordHash } })
    },

    hasPassword: async () => (await prisma.teacher.count({ where: { passwordHash: { not: null } } })) > 0,
  }
}
