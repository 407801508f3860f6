import { createMemoryLog } from '../../server/log-memory.ts'
import { logContract } from './contract.ts'

logContract('memory', async () => ({ log: createMemoryLog(), close: async () => {} }))
