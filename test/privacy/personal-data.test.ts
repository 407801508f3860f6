/** The table of personal data knows every table and column of the database. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { IMPERSONAL_TABLES, PERSONAL_DATA } from '../../contract/personal-data.ts'

const schema = readFileSync('prisma/schema.prisma', 'utf8')
const TABLES = new Map(
  [...schema.matchAll(/^model (\w+) \{\n([^]*?)^\}/gm)].map(([, table = '', body = '']) => [
    table,
    [...body.matchAll(/^ {2}(\w+) /gm)].map(([, column]) => column),
  ]),
)
const stored = Object.values(PERSONAL_DATA).flatMap((kind) => kind.stored)

it('says of each table which kind of data about people it holds, or that it holds none: what is new stands in contract/personal-data.ts', () => {
  const known = new Set([...stored.map(({ table }) => table), ...IMPERSONAL_TABLES])
  expect([...TABLES.keys()].filter((table) => !known.has(table))).toEqual([])
})

it.each(stored)('names columns of $table that are there', ({ table, keys, columns, erase, expires }) => {
  const named = [
    ...keys,
    ...columns,
    ...(typeof erase === 'string' ? [] : Object.keys(erase)),
    ...(expires === undefined ? [] : [expires]),
  ]
  expect(named.filter((column) => !(TABLES.get(table) ?? []).includes(column))).toEqual([])
})

it('deletes by itself what is kept for a number of days in the database', () => {
  for (const [kind, { keep, stored }] of Object.entries(PERSONAL_DATA))
    if ('days' in keep) for (const { expires } of stored) expect(expires, kind).toBeDefined()
})
