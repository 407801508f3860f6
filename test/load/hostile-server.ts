/** The product's node in a process of its own, with its database and its limits. Argument: an empty directory for the database. */
import { buildApp } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import { openDatabase } from '../../server/database/open.ts'
import { createTeachers } from '../../server/identity/teachers.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { exercises } from '../support/exercises.ts'
import { USED, type HostileListening, type Used } from './messages.ts'

const [dataDir = ''] = process.argv.slice(2)
const database = await openDatabase({ dataDir, databaseUrl: null })
const { prisma } = database
const log = createPostgresLog(database)
const { http } = await buildApp({ config: { ...readConfig({}), host: '127.0.0.1' }, prisma, log, exercises })
const url = await http.listen({ host: '127.0.0.1', port: 0 })
const token = await createTeachers({ prisma, now: () => new Date() }).createLink()

process.on('message', (message) => {
  if (message === USED) {
    const { user, system } = process.cpuUsage()
    process.send?.({ rss: process.memoryUsage.rss(), cpu: user + system } satisfies Used)
  }
})
process.once('disconnect', async () => {
  await http.close()
  await log.close()
  await database.close()
  process.exit()
})
process.send?.({ url, token } satisfies HostileListening)
