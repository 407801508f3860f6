/** Where teachers are signed in: a row for each cookie, which is good as long as its row is there. */
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

export interface SignIns {
  /** The id of a new one. */
  begin(teacherId: string): Promise<string>
  /** It has begun, and has not ended. */
  isOpen(id: string): Promise<boolean>
  end(id: string): Promise<void>
  /** Ends all of this teacher but one. */
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
