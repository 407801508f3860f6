/** Sign-ins of teachers: one row per cookie. A cookie is valid as long as its row exists and its teacher is not blocked. */
import type { SignInInfo } from '../../contract/account.ts'
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** The sign-ins of teachers, in the database. */
export interface SignIns {
  /** Creates a sign-in and resolves to its id. `browser`: the request's User-Agent, of which the beginning is kept. */
  begin(teacherId: string, browser: string): Promise<string>
  /** Whether the sign-in exists and its teacher is not blocked. Notes that it is in use. */
  isOpen(id: string): Promise<boolean>
  /** The teacher's sign-ins, last used first. `current`: the one that asks. */
  list(teacherId: string, current: string | null): Promise<SignInInfo[]>
  /** Ends a sign-in of this teacher, if there is such a one. */
  end(teacherId: string, id: string): Promise<void>
  /** Ends all sign-ins of this teacher except `kept`, if it is given. */
  endAll(teacherId: string, kept?: string): Promise<void>
}

/** Real ms. A sign-in that is in use is noted this often at most, because every request asks for it. */
const SEEN_EVERY_MS = 5 * 60_000
/** Maximum number of characters of a User-Agent that are kept. */
const MAX_BROWSER_LENGTH = 300

export const createSignIns = ({ prisma, now }: { prisma: PrismaClient; now: () => Date }): SignIns => ({
  async begin(teacherId, browser) {
    // A header has no characters that PostgreSQL could not store, except U+0000 in the hands of an odd proxy.
    const kept = browser.replaceAll('\u0000', '').slice(0, MAX_BROWSER_LENGTH)
    const data = { id: newId(), teacherId, browser: kept, createdAt: now(), seenAt: now() }
    return (await prisma.signIn.create({ data })).id
  },
  async isOpen(id) {
    const row = await prisma.signIn.findUnique({ where: { id, teacher: { blockedAt: null } }, select: { seenAt: true } })
    if (!row) return false
    if (now().getTime() - row.seenAt.getTime() >= SEEN_EVERY_MS)
      await prisma.signIn.updateMany({ where: { id }, data: { seenAt: now() } })
    return true
  },
  async list(teacherId, current) {
    const rows = await prisma.signIn.findMany({ where: { teacherId }, orderBy: [{ seenAt: 'desc' }, { id: 'asc' }] })
    return rows.map(({ id, browser, createdAt, seenAt }) => ({
      id,
      browser,
      since: createdAt.toISOString(),
      lastSeen: seenAt.toISOString(),
      current: id === current,
    }))
  },
  end: async (teacherId, id) => void (await prisma.signIn.deleteMany({ where: { id, teacherId } })),
  async endAll(teacherId, kept) {
    await prisma.signIn.deleteMany({ where: { teacherId, ...(kept === undefined ? {} : { id: { not: kept } }) } })
  },
})
