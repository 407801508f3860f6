/**
 * The log of rounds: append-only, one row an entry, the only source of truth. What the room needs of it, and nothing more;
 * `log-memory.ts` and `log-postgres.ts` are its two forms and pass one contract suite.
 *
 * Its one key is `(roundId, index)`, and that is enough for each act to be stored once, as long as every writer keeps to one rule: it has folded
 * the rows 0 to n - 1, has found the act's id in none of them, and then writes at n. Rows are never changed, so where row n is written, the rows
 * before it are those that the writer knows: none has the id. Where another row n stands, nothing is written; the writer reads it, folds it, and
 * looks for the id again. A write of which nobody knows what became of it changes nothing: it has happened, then the key refuses the next one
 * and the writer finds its own act in the tail; or it comes late, then the key refuses it.
 */
import type { Entry } from '../../protocol/round/model/entry.ts'

export interface RoundLog {
  /**
   * Writes the entry durably before it resolves. `index` is the number of entries that the writer has folded, and none of these is the same act.
   * `taken`: another entry stands at `(roundId, index)`; nothing was written. Rejects where the storage fails: then it is not known whether it
   * was written.
   */
  append(entry: Entry): Promise<'written' | 'taken'>
  /** The entries of a round with `index >= from`, in order. */
  read(roundId: string, from?: number): Promise<Entry[]>
}
