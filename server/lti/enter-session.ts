/** Takes a member of the course into a session. */
import { toDisplayNames } from '../courses/display-names.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Lessons } from '../lessons/lessons.ts'

/** Resolves to the id of the participant that the member is in the session, who is added if they have not come before. */
export type EnterSession = (sessionId: string, memberId: string) => Promise<string>

export interface EnterSessionDeps {
  readonly prisma: PrismaClient
  readonly lessons: Pick<Lessons, 'join'>
}

export const createEnterSession =
  ({ prisma, lessons }: EnterSessionDeps): EnterSession =>
  async (sessionId, memberId) => {
    const find = () => prisma.participant.findUnique({ where: { sessionId_memberId: { sessionId, memberId } } })
    const known = await find()
    if (known) return known.id
    const { participant } = await lessons.join(sessionId, await readDisplayName(prisma, memberId))
    try {
      await prisma.participant.update({ where: { id: participant.id }, data: { memberId } })
      return participant.id
    } catch (error) {
      // The same member has come in elsewhere at the same moment: then they are that one.
      const other = await find()
      if (!other) throw error
      await prisma.participant.delete({ where: { id: participant.id } })
      return other.id
    }
  }

/** The member's name, told apart from those of the course that look the same. */
async function readDisplayName(prisma: PrismaClient, memberId: string): Promise<string> {
  const { course } = await prisma.member.findUniqueOrThrow({
    where: { id: memberId },
    select: { course: { select: { members: { where: { removedAt: null }, select: { id: true, name: true, number: true } } } } },
  })
  const index = course.members.findIndex(({ id }) => id === memberId)
  return toDisplayNames(course.members)[index] ?? ''
}
