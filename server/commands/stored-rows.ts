/** The rows of a classroom's log, for commands that only read them. Pending migrations need not be applied. */
import type { Config } from '../base/config.ts'
import { connectOrThrow } from '../database/dump.ts'
import { DatabaseError } from '../database/error.ts'
import { visitDatabase } from '../database/visit.ts'
import type { EntryRow } from '../rounds/log-postgres.ts'

export interface StoredRows {
  /** The ids of all rounds that have rows, in alphabetical order. */
  listRounds(): Promise<string[]>
  /** A round's rows in order; none if there is no such round. */
  readRows(roundId: string): Promise<EntryRow[]>
  close(): Promise<void>
}

/** Opens the database of `config`. Each method throws `DatabaseError` if there is no classroom in it. */
export async function openRows(config: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<StoredRows> {
  const { url, close } = await visitDatabase(config)
  const client = await connectOrThrow(url).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const read = async <Row extends object>(sql: string, values: readonly string[]): Promise<Row[]> => {
    try {
      return (await client.query<Row>(sql, [...values])).rows
    } catch (error) {
      const undefinedTable = '42P01'
      if ((error as { code?: string }).code !== undefinedTable) throw error
      throw new DatabaseError('There is no classroom in this database.')
    }
  }
  return {
    listRounds: async () =>
      (await read<{ roundId: string }>('SELECT DISTINCT "roundId" FROM "Entry" ORDER BY "roundId"', [])).map(
        ({ roundId }) => roundId,
      ),
    readRows: async (roundId) => {
      const rows = await read<Omit<EntryRow, 'packed'>>('SELECT * FROM "Entry" WHERE "roundId" = $1 ORDER BY "index"', [roundId])
      return rows.map((row) => ({ packed: null, ...row })) // tables of older versions lack the column
    },
    close: async () => {
      await client.end()
      await close()
    },
  }
}
