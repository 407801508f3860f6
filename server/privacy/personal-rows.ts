/** Reads and changes the rows of `PERSONAL_DATA` in the database. Names of tables and columns come from that table alone. */
import { PERSONAL_DATA, type ErasedTo, type StoredIn } from '../../contract/personal-data.ts'
import type { ErasedCounts } from '../../contract/student-data.ts'
import type { Prisma } from '../generated/prisma/client.ts'

type Tx = Prisma.TransactionClient

/** The ids by which the rows of a student are found. */
export type StudentIds = { readonly [B in 'participant' | 'member' | 'session']?: readonly string[] }

const quote = (name: string): string => `"${name}"`
const isAnyOf = (keys: readonly string[]): string => keys.map((key) => `${quote(key)} = ANY($1)`).join(' OR ')

/** The rows of a student in one table, reduced to the columns of an export. */
export function readRows(tx: Tx, { table, keys, columns }: StoredIn, ids: readonly string[]): Promise<Record<string, unknown>[]> {
  if (ids.length === 0 || columns.length === 0) return Promise.resolve([])
  return tx.$queryRawUnsafe(`SELECT ${columns.map(quote).join(', ')} FROM ${quote(table)} WHERE ${isAnyOf(keys)} ORDER BY 1`, [
    ...ids,
  ])
}

/** The SQL of what erasing puts into a column. `$2` is "former student" and a number. */
const ERASED_SQL: { readonly [E in ErasedTo]: (column: string) => string } = {
  number: () => '$2',
  key: () => `'erased ' || "id"`,
  now: (column) => `COALESCE(${column}, $3)`,
  null: () => 'NULL',
  empty: () => `''`,
  one: () => '1',
  'no-remark': (column) => `CASE WHEN "kind" = 'remark' THEN '""'::jsonb ELSE ${column} END`,
}

/**
 * Erases the rows of a student, or the texts of sessions, by what `PERSONAL_DATA` says. `name` stands in the place of the name. Resolves
 * to the number of rows that were changed, by table.
 */
export async function eraseRows(tx: Tx, found: StudentIds, name: string, now: Date): Promise<ErasedCounts> {
  const counts: Record<string, number> = {}
  for (const stored of Object.values(PERSONAL_DATA).flatMap((kind) => kind.stored)) {
    const ids = found[stored.by as keyof StudentIds] ?? []
    if (stored.erase === 'keep' || ids.length === 0) continue
    if (stored.erase === 'delete') {
      const deleted = await tx.$executeRawUnsafe(`DELETE FROM ${quote(stored.table)} WHERE ${isAnyOf(stored.keys)}`, [...ids])
      if (deleted > 0) counts[stored.table] = deleted
      continue
    }
    const changes = Object.entries(stored.erase).map(([column, to]) => `${quote(column)} = ${ERASED_SQL[to](quote(column))}`)
    // PostgreSQL wants each parameter that it is given to be used, and with a type.
    const count = await tx.$executeRawUnsafe(
      `UPDATE ${quote(stored.table)} SET ${changes.join(', ')}
        WHERE (${isAnyOf(stored.keys)}) AND $2::text IS NOT NULL AND $3::timestamptz IS NOT NULL`,
      [...ids],
      name,
      now,
    )
    if (count > 0) counts[stored.table] = (counts[stored.table] ?? 0) + count
  }
  return counts
}

/** Deletes the rows whose days are over. Resolves to their number, by table. */
export async function deleteExpired(tx: Tx, now: Date): Promise<ErasedCounts> {
  const counts: Record<string, number> = {}
  for (const { keep, stored } of Object.values(PERSONAL_DATA)) {
    for (const { table, expires } of stored) {
      if (expires === undefined || !('days' in keep)) continue
      const before = new Date(now.getTime() - keep.days * 24 * 3_600_000)
      const count = await tx.$executeRawUnsafe(`DELETE FROM ${quote(table)} WHERE ${quote(expires)} < $1`, before)
      if (count > 0) counts[table] = count
    }
  }
  return counts
}
