import type { Prisma } from '../../server/generated/prisma/client.ts'
import { createPrismaLessonStore } from '../../server/lessons/lesson-store-prisma.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { testDatabase } from '../support/database.ts'
import { lessonStoreContract } from './store-contract.ts'

lessonStoreContract('PostgreSQL', async () => {
  const database = await testDatabase()
  const { prisma, stop } = database
  const log = createPostgresLog(database)
  const now = () => new Date()
  return {
    store: createPrismaLessonStore({ prisma, now }),
    log,
    async add({ sessions, participants, pairs }) {
      await prisma.session.createMany({ data: sessions as Prisma.SessionCreateManyInput[] })
      await prisma.participant.createMany({ data: [...participants] })
      await prisma.pair.createMany({ data: [...pairs] })
    },
    dissolvePair: async (id) => void (await prisma.pair.update({ where: { id }, data: { dissolvedAt: now() } })),
    async close() {
      await log.close()
      await stop()
    },
  }
})
