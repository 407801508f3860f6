/** The log in memory, for tests: nothing of it outlives the process. */
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { RoundLog } from './log.ts'

export function createMemoryLog(): RoundLog {
  const rounds = new Map<string, Entry[]>()
  return {
    async append(entry) {
      const entries = rounds.get(entry.roundId) ?? []
      if (entries.some(({ index }) => index === entry.index)) return 'taken'
      // As a database does: what the caller does to its object later is not written.
      rounds.set(
        entry.roundId,
        [...entries, structuredClone(entry)].sort((a, b) => a.index - b.index),
      )
      return 'written'
    },
    async read(roundId, from = 0) {
      return structuredClone((rounds.get(roundId) ?? []).filter((entry) => entry.index >= from))
    },
  }
}
