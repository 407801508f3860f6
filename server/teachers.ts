/** How a teacher signs in: by the one-time link that each start prints, or by a password. */
import { createHash, randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { Failed } from './failed.ts'
import type { PrismaClient } from './generated/prisma/client.ts'

export interface Teachers {
  /** The token of a new one-time link, good for a day; the database keeps only its hash. */
  newLink(): Promise<string>
  /** Spends a link; the teacher's id. Rejects with `already-used` where it has been spent, is too old, or never was one. */
  spendLink(token: string): Promise<string>
  /** The teacher's id. Rejects with `wrong-password`. */
  login(password: string): Promise<string>
  setPassword(teacherId: string, password: string): Promise<void>
  hasPassword(): Promise<boolean>
}

/** The teacher whom the links of a start sign in. A fixed id, so that nodes that start together do not make one each. */
const FIRST = 'teacher'
/** Real ms for which a link can be used. */
const LINK_LIFETIME = 24 * 3_600_000

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

export function createTeachers({ prisma, now }: { prisma: PrismaClient; now: () => Date }): Teachers {
  return {
    async newLink() {
      const token = randomBytes(32).toString('base64url')
      await prisma.teacher.createMany({ data: [{ id: FIRST }], skipDuplicates: true })
      await prisma.teacherLink.create({
        data: { hash: hashOf(token), teacherId: FIRST, expiresAt: new Date(now().getTime() + LINK_LIFETIME) },
      })
      return token
    },

    async spendLink(token) {
      const [link] = await prisma.teacherLink.updateManyAndReturn({
        where: { hash: hashOf(token), usedAt: null, expiresAt: { gt: now() } },
        data: { usedAt: now() },
      })
      if (!link)
        throw new Failed('already-used', 'This link has been used or is too old. A restart of the server prints a new one.')
      return link.teacherId
    },

    async login(password) {
      const teachers = await prisma.teacher.findMany({ where: { passwordHash: { not: null } } })
      for (const { id, passwordHash } of teachers) {
        if (passwordHash !== null && (await verify(passwordHash, password))) return id
      }
      throw new Failed('wrong-password', 'This is not the password.')
    },

    async setPassword(teacherId, password) {
      const passwordHash = await hash(password) // argon2id
      await prisma.teacher.upsert({ where: { id: teacherId }, update: { passwordHash }, create: { id: teacherId, passwordHash } })
    },

    hasPassword: async () => (await prisma.teacher.count({ where: { passwordHash: { not: null } } })) > 0,
  }
}
