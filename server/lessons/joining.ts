/** Who is in a session, and who comes into it. */
import type { Joined } from '../../contract/answers.ts'
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { makeUniqueName, normalizeText } from './names.ts'
import type { LessonNotifier } from './notifier.ts'

export interface Joining {
  /** Those of these participants who are of this session. */
  findParticipants(sessionId: string, participantIds: readonly string[]): Promise<{ id: string; name: string }[]>
  /** A new participant of a running session. */
  join(sessionId: string, name: string): Promise<Joined>
}

export interface JoiningDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged'>
  readonly now: () => Date
}

export function createJoining({ prisma, notifier, now }: JoiningDeps): Joining {
  return {
    async findParticipants(sessionId, participantIds) {
      const rows = await prisma.participant.findMany({
        where: { sessionId, id: { in: [...participantIds] } },
        orderBy: { createdAt: 'asc' },
      })
      return rows.map(({ id, name }) => ({ id, name }))
    },

    async join(sessionId, typed) {
      const wanted = normalizeText(typed)
      let name = wanted
      for (;;) {
        const participant = { id: newId(), sessionId, name, createdAt: now() }
        const { count } = await prisma.participant.createMany({ data: [participant], skipDuplicates: true })
        if (count === 1) {
          notifier.participantsChanged(sessionId)
          return { participant: { id: participant.id, name }, renamed: name !== wanted }
        }
        const alike = await prisma.participant.findMany({
          where: { sessionId, name: { startsWith: wanted } },
          select: { name: true },
        })
        name = makeUniqueName(wanted, new Set(alike.map((row) => row.name)))
      }
    },
  }
}
