import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PrismaPg } from '@prisma/adapter-pg'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { migrate, readMigrations } from '../../server/database/migrate.ts'
import { query } from '../support/postgres.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'

/** Node provides it, but TypeScript's library for the language alone does not declare it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: { __wbindgen_start(): void } }
}

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase({ migrated: false })
})
afterEach(() => database.stop())

const migrations = await readMigrations()
const names = migrations.map(({ name }) => name)

describe('the migrations', () => {
  it('are applied once, in their order, and recorded as Prisma records them', async () => {
    expect(await migrate(database.url, migrations)).toEqual(names)
    expect(await migrate(database.url, migrations)).toEqual([])
    const rows = await query<{ migration_name: string; applied_steps_count: number; finished: boolean }>(
      database.url,
      'SELECT migration_name, applied_steps_count, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY started_at',
    )
    expect(rows).toEqual(names.map((name) => ({ migration_name: name, applied_steps_count: 1, finished: true })))
  })

  it('are applied once by two nodes that start together', async () => {
    const [one, two] = await Promise.all([migrate(database.url, migrations), migrate(database.url, migrations)])
    expect([...one, ...two].sort()).toEqual(names)
  })

  it('leave nothing where one of them fails', async () => {
    const broken = { name: '99999999999999_broken', sql: 'CREATE TABLE "Half" (id int); SELECT no_such_function();' }
    await expect(migrate(database.url, [...migrations, broken])).rejects.toThrow(/99999999999999_broken could not be applied/)
    expect(await query(database.url, `SELECT to_regclass('"Half"') AS half`)).toEqual([{ half: null }])
    expect(await migrate(database.url, migrations)).toEqual([])
  })

  it('that have been changed since, or are unknown, are one clear error', async () => {
    await migrate(database.url, migrations)
    const changed = migrations.map((migration) => ({ ...migration, sql: `${migration.sql}\n-- changed` }))
    await expect(migrate(database.url, changed)).rejects.toThrow(/has been changed since it was applied/)
    await expect(migrate(database.url, [])).rejects.toThrow(/which this version does not know/)
  })

  it('make the tables that schema.prisma describes, as Prisma’s own engine would make them', async () => {
    await migrate(database.url, migrations)
    const prismas = await testDatabase({ migrated: false })
    try {
      await query(prismas.url, await tablesOf('prisma/schema.prisma'))
      expect(await catalogue(database.url)).toEqual(await catalogue(prismas.url))
      await query(prismas.url, 'ALTER TABLE "Round" DROP COLUMN "leg"')
      expect(await catalogue(database.url)).not.toEqual(await catalogue(prismas.url))
    } finally {
      await prismas.stop()
    }
  })
})

/** Columns, keys and indexes as text, so that two databases can be compared. */
const catalogue = (url: string) =>
  query(
    url,
    `SELECT format('%s.%s %s %s %s', table_name, column_name, udt_name, datetime_precision, is_nullable) AS has
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
     UNION ALL
     SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid::regclass::text <> '_prisma_migrations'
     UNION ALL
     SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'
     ORDER BY has`,
  )

/**
 * The SQL with which Prisma creates the tables of a schema. Its engine is used directly, as WebAssembly, because the command line
 * would download one.
 */
async function tablesOf(path: string): Promise<string> {
  const wasm = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm')
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(exports)
  exports.__wbindgen_start()

  const schema = { path, content: readFileSync(path, 'utf8') }
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: database.url }))
  const comparing = await engine.SchemaEngine.new({ datamodels: [[schema.path, schema.content]] }, () => {}, factory)
  const { stdout } = await comparing.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files: [schema] },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  return stdout ?? ''
}
