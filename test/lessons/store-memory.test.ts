import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import { createMemoryLessonStore } from '../support/lesson-store-memory.ts'
import { lessonStoreContract } from './store-contract.ts'

lessonStoreContract('memory', async () => {
  const log = createMemoryLog()
  const store = createMemoryLessonStore({ log, now: () => new Date() })
  return {
    store,
    log,
    add: async (rows) => store.add(rows),
    dissolvePair: async (id) => store.dissolvePair(id),
    close: async () => {},
  }
})
