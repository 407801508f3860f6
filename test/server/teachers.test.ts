import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTeachers } from '../../server/identity/teachers.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(() => database.stop())

describe('the link that a start prints', () => {
  it('signs in one and the same teacher, however many nodes start together on an empty database', async () => {
    const nodes = Array.from({ length: 10 }, () => createTeachers({ prisma: database.prisma, now: () => new Date() }))
    const links = await Promise.all(nodes.map((node) => node.createLink()))
    const teachers = await Promise.all(links.map((link) => nodes[0]!.redeemLink(link)))
    expect(new Set(links).size).toBe(10)
    expect(new Set(teachers).size).toBe(1)
  })

  it('is good for a day', async () => {
    let now = new Date('2026-01-02T03:04:05Z')
    const teachers = createTeachers({ prisma: database.prisma, now: () => now })
    const link = await teachers.createLink()
    const late = await teachers.createLink()
    now = new Date('2026-01-03T03:04:04Z')
    await teachers.redeemLink(link)
    now = new Date('2026-01-03T03:04:05Z')
    await expect(teachers.redeemLink(late)).rejects.toMatchObject({ code: 'already-used' })
  })

  it('is kept as a hash alone', async () => {
    const link = await createTeachers({ prisma: database.prisma, now: () => new Date() }).createLink()
    expect(JSON.stringify(await database.prisma.teacherLink.findMany())).not.toContain(link)
  })
})
