/**
 * The log of rounds: append-only, one row an entry, the only source of truth. What the room needs of it, and nothing more;
 * `log-memory.ts` and `log-postgres.ts` are its two forms and pass one contract suite.
 */
import type { Entry } from '../../protocol/round/model/entry.ts'

export interface RoundLog {
  /**
   * Writes the entry durably before it resolves. `taken`: another entry stands at `(roundId, index)`, or the actor has already used
   * `actionId` in this round; nothing was written. Rejects where the storage fails: then it is not known whether it was written.
   */
  append(entry: Entry): Promise<'written' | 'taken'>
  /** The entries of a round with `index >= from`, in order. */
  read(roundId: string, from?: number): Promise<Entry[]>
}
