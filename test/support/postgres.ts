/** Databases of a PostgreSQL server. */
import pg from 'pg'

/** The name of the migrated database that test databases are copied from. */
export const TEMPLATE = 'migrated'

/** The URL of another database on the same server. */
export const databaseUrl = (server: string, name: string): string => Object.assign(new URL(server), { pathname: `/${name}` }).href

export const createDatabase = (server: string, name: string, template: string) =>
  query(server, `CREATE DATABASE "${name}" TEMPLATE "${template}"`)

export const dropDatabase = (server: string, name: string) => query(server, `DROP DATABASE "${name}" WITH (FORCE)`)

/** Runs SQL on a new connection. Returns the rows of a single statement. */
export async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}
