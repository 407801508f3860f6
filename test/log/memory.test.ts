import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import { logContract } from './contract.ts'

logContract('memory', async () => ({ log: createMemoryLog(), close: async () => {} }))
