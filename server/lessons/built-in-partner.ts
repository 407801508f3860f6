/** The built-in partner as one of a session: a row of its own, so that pairs and rounds are the same whoever plays. */
import type { Prisma } from '../generated/prisma/client.ts'
import { newId } from '../base/ids.ts'

/** Its id; it comes into the session where it is not there yet. */
export async function ensureBuiltInPartner(tx: Prisma.TransactionClient, sessionId: string, createdAt: Date): Promise<string> {
  const partner = { id: newId(), sessionId, name: '', skeleton: '', builtIn: true, createdAt }
  await tx.participant.createMany({ data: [partner], skipDuplicates: true })
  const { id } = await tx.participant.findUniqueOrThrow({ where: { sessionId_skeleton: { sessionId, skeleton: '' } } })
  return id
}
