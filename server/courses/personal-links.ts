/** Personal links of a course's members: for a printed sheet, and as a table for the teacher's own mail merge. */
import type { PersonalLink } from '../../contract/courses.ts'
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Auth } from '../identity/auth.ts'
import { toCsv } from '../lessons/csv.ts'
import { toMemberInfos } from './member-rows.ts'

export interface PersonalLinks {
  /** Of all members on the roster, in the order of their numbers. */
  listLinks(courseId: string): Promise<PersonalLink[]>
  /** The same as CSV; `origin` is where people reach this server, such as `https://school.example`. */
  exportLinks(courseId: string, origin: string): Promise<string>
  /** Ends this member's link, so that a new one holds. Rejects with `not-found`. */
  renewLink(courseId: string, memberId: string): Promise<void>
}

export interface PersonalLinksDeps {
  readonly prisma: PrismaClient
  readonly auth: Pick<Auth, 'createMemberToken'>
}

export function createPersonalLinks({ prisma, auth }: PersonalLinksDeps): PersonalLinks {
  const listLinks: PersonalLinks['listLinks'] = async (courseId) => {
    const rows = await prisma.member.findMany({
      where: { courseId, removedAt: null },
      include: { _count: { select: { participants: true } } },
    })
    const revokedOf = new Map(rows.map(({ id, revoked }) => [id, revoked]))
    return toMemberInfos(rows).map(({ id, number, name, email, group }) => {
      const token = auth.createMemberToken({ id, revoked: revokedOf.get(id) ?? 0 })
      return { member: id, number, name, email, group, path: `/m/${token}` }
    })
  }

  return {
    listLinks,

    async exportLinks(courseId, origin) {
      const links = await listLinks(courseId)
      const rows = links.map(({ number, name, email, group, path }) => [number, name, email, group, `${origin}${path}`])
      return toCsv([['number', 'name', 'email', 'group', 'link'], ...rows])
    },

    async renewLink(courseId, id) {
      const { count } = await prisma.member.updateMany({ where: { id, courseId }, data: { revoked: { increment: 1 } } })
      if (count === 0) throw new ApiError('not-found', 'There is no such member.')
    },
  }
}
