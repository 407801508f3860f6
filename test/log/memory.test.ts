import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import { logContract } from '../support/log-contract.ts'

logContract('memory', async () => ({ log: createMemoryLog(), close: async () => {} }))
