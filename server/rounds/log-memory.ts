/** The log in memory, for tests. It is lost when the process ends. */
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { RoundLog } from './log.ts'

export function createMemoryLog(): RoundLog {
  const rounds = new Map<string, Entry[]>()
  return {
    async append(entry) {
      const entries = rounds.get(entry.roundId) ?? []
      if (entries.some(({ index }) => index === entry.index)) return 'taken'
      // Store a copy, as a database does: later changes to the caller's object must not change the log.
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
