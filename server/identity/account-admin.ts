/** Administration of the teachers' accounts by an owner of the installation: inviting, blocking, resetting. */
import type { Colleague, ColleagueChange, Invitation, Invited } from '../../contract/account.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { normalizeAccountName, normalizeEmail, refuseTakenEmail, type Teachers } from './teachers.ts'

/** What an owner does with the accounts of others. */
export interface AccountAdmin {
  /** All accounts, in the order in which they were made. */
  list(): Promise<Colleague[]>
  /** Creates an account and a link to it that is valid for a week. Rejects with `conflict` if another account has the e-mail address. */
  invite(invitation: Invitation): Promise<Invited>
  /**
   * Blocks or unblocks an account, or makes it an owner or no owner. Blocking ends its sign-ins, tokens and links. Rejects with
   * `conflict` if it is the own account, so that there is always an owner, with `forbidden` if the one who asks is not an owner
   * any more, and with `not-found`.
   */
  change(ownerId: string, teacherId: string, change: ColleagueChange): Promise<void>
  /** Takes the password, the sign-ins, the tokens and the links of an account, and creates a new link. Rejects with `not-found`. */
  reset(teacherId: string): Promise<Invited>
}

/** Real ms: an invitation may lie in a mailbox over the weekend. */
const INVITATION_LIFETIME_MS = 7 * 24 * 3_600_000

export interface AccountAdminDeps {
  readonly prisma: PrismaClient
  readonly teachers: Pick<Teachers, 'createLinkTo'>
  readonly now: () => Date
}

export function createAccountAdmin({ prisma, teachers, now }: AccountAdminDeps): AccountAdmin {
  const readColleagues = async (id?: string): Promise<Colleague[]> => {
    const rows = await prisma.teacher.findMany({
      ...(id === undefined ? {} : { where: { id } }),
      include: {
        signIns: { orderBy: { seenAt: 'desc' }, take: 1 },
        links: { where: { usedAt: { not: null } }, take: 1 },
      },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    })
    return rows.map(({ id, name, email, owner, blockedAt, passwordHash, signIns: [last], links }) => ({
      id,
      name,
      email,
      owner,
      blocked: blockedAt !== null,
      hasCome: passwordHash !== null || last !== undefined || links.length > 0,
      lastSeen: last?.seenAt.toISOString() ?? null,
    }))
  }

  const inviteTo = async (teacherId: string): Promise<Invited> => {
    const token = await teachers.createLinkTo(teacherId, INVITATION_LIFETIME_MS)
    const [colleague] = await readColleagues(teacherId)
    if (!colleague) throw noSuchAccount()
    return { colleague, token }
  }

  return {
    list: () => readColleagues(),

    async invite({ name, email = null }) {
      const data = {
        id: newId(),
        name: normalizeAccountName(name),
        email: email === null ? null : normalizeEmail(email),
        createdAt: now(),
      }
      await refuseTakenEmail(prisma.teacher.create({ data }))
      return inviteTo(data.id)
    },

    async change(ownerId, teacherId, { blocked, owner }) {
      if (ownerId === teacherId) throw new ApiError('conflict', 'This is your own account: ask another owner.')
      await prisma.$transaction(async (tx) => {
        // Owners who block each other at the same moment take turns, and the second one is an owner no more.
        const owners = await tx.$queryRaw<{ id: string }[]>`
          SELECT "id" FROM "Teacher" WHERE "owner" AND "blockedAt" IS NULL ORDER BY "id" FOR UPDATE`
        if (!owners.some(({ id }) => id === ownerId)) throw new ApiError('forbidden', 'This is for the owner.')
        const data = {
          ...(blocked === undefined ? {} : { blockedAt: blocked ? now() : null }),
          ...(owner === undefined ? {} : { owner }),
        }
        const { count } = await tx.teacher.updateMany({ where: { id: teacherId }, data })
        if (count === 0) throw noSuchAccount()
        if (blocked !== true) return
        await endAccess(tx, teacherId)
      })
    },

    async reset(teacherId) {
      const { count } = await prisma.teacher.updateMany({ where: { id: teacherId }, data: { passwordHash: null } })
      if (count === 0) throw noSuchAccount()
      await endAccess(prisma, teacherId)
      return inviteTo(teacherId)
    },
  }
}

/** Ends all sign-ins, tokens and unused links of an account. */
async function endAccess(tx: Prisma.TransactionClient, teacherId: string): Promise<void> {
  await tx.signIn.deleteMany({ where: { teacherId } })
  await tx.apiToken.deleteMany({ where: { teacherId } })
  await tx.teacherLink.deleteMany({ where: { teacherId, usedAt: null } })
}

const noSuchAccount = () => new ApiError('not-found', 'There is no such account.')
