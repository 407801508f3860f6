/**
 * The log of rounds: append-only, one row per entry, the only source of truth. The interface has only what rounds need.
 * `log-memory.ts` and `log-postgres.ts` implement it and pass one contract suite.
 *
 * Its only key is `(roundId, index)`. That is enough to store each act once, as long as every writer follows one rule: it has
 * folded the rows 0 to n - 1, has found the act's id in none of them, and then writes at n. Rows are never changed, so if row n
 * is written, the rows before it are the ones that the writer knows, and none of them has the id. If row n exists already,
 * nothing is written; the writer reads that row, folds it, and looks for the id again. A write with an unknown result is
 * harmless. If it has been stored, the key refuses the next attempt, and the writer finds its own act in the tail. If it arrives
 * late, the key refuses it.
 */
import type { Entry } from '../../protocol/round/model/entry.ts'

/** The log of all rounds. */
export interface RoundLog {
  /**
   * Resolves to `written` once the entry is stored durably. `index` must be the number of entries that the writer has folded, and
   * none of these may be the same act. Resolves to `taken` if another entry has this `(roundId, index)`; then nothing was
   * written. Rejects if the storage fails; then it is unknown whether the entry was written.
   */
  append(entry: Entry): Promise<'written' | 'taken'>
  /** The entries of a round with `index >= from`, in order. */
  read(roundId: string, from?: number): Promise<Entry[]>
}
