/** Sign-ins of teachers: one row per cookie. A cookie is valid as long as its row exists. */
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** The sign-ins of teachers, in the database. */
export interface SignIns {
  /** Creates a sign-in and resolves to its id. */
  begin(teacherId: string): Promise<string>
  /** Whether the sign-in exists and has not been ended. */
  isOpen(id: string): Promise<boolean>
  end(id: string): Promise<void>
  /** Ends all sign-ins of this teacher except `kept`. */
  endOthers(teacherId: string, kept: string): Promise<void>
}

export const createSignIns = ({ prisma, now }: { prisma: PrismaClient; now: () => Date }): SignIns => ({
  async begin(teacherId) {
    const { id } = await prisma.signIn.create({ data: { id: newId(), teacherId, createdAt: now() } })
    return id
  },
  isOpen: async (id) => (await prisma.signIn.count({ where: { id } })) > 0,
  end: async (id) => void (await prisma.signIn.deleteMany({ where: { id } })),
  endOthers: async (teacherId, kept) => void (await prisma.signIn.deleteMany({ where: { teacherId, id: { not: kept } } })),
})
