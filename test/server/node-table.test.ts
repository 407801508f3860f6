/** The reports of nodes, in PostgreSQL and in memory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresNodeTable, type NodeTable } from '../../server/nodes/node-table.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { createMemoryNodeTable } from '../support/nodes.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.stop())

describe.each([
  ['PostgreSQL', () => createPostgresNodeTable(database.prisma)],
  ['memory', createMemoryNodeTable],
] as const)('the table of nodes in %s', (_name, create: () => NodeTable) => {
  it('gives the latest report of each other node, with another version each time', async () => {
    const table = create()
    const one = { node: 'one', sentCount: 3, participants: [['ann', 'lesson']] as const }
    expect(await table.exchange(one)).toEqual([])
    const two = { node: 'two', sentCount: 0, participants: [] }
    const [first] = await table.exchange(two)
    expect(first).toMatchObject(one)
    await table.exchange({ ...one, sentCount: 2 ** 40, participants: [] })
    const [second] = await table.exchange(two)
    expect(second).toMatchObject({ node: 'one', sentCount: 2 ** 40, participants: [] })
    expect(second!.version).not.toBe(first!.version)
    expect(await table.exchange(one)).toMatchObject([two])
  })

  it('takes the reports of many nodes at once', async () => {
    const table = create()
    const names = Array.from({ length: 8 }, (_, i) => `many-${i}`)
    for (let time = 0; time < 5; time++)
      await Promise.all(names.map((node) => table.exchange({ node, sentCount: time, participants: [] })))
    const rows = await table.exchange({ node: 'looks', sentCount: 0, participants: [] })
    expect(
      rows
        .filter(({ node }) => names.includes(node))
        .map(({ node, sentCount }) => [node, sentCount])
        .sort(),
    ).toEqual(names.map((node) => [node, 4]))
  })
})

it('a node that has said nothing for a minute is forgotten', async () => {
  const table = createPostgresNodeTable(database.prisma)
  await table.exchange({ node: 'old', sentCount: 0, participants: [] })
  await database.prisma.$executeRaw`UPDATE "Node" SET "seenAt" = now() - interval '2 minutes' WHERE "id" = 'old'`
  await table.exchange({ node: 'new', sentCount: 0, participants: [] })
  expect((await table.exchange({ node: 'new', sentCount: 0, participants: [] })).map(({ node }) => node)).not.toContain('old')
})
