/**
 * The built-in partner as a participant of a session. It has a row of its own, so that pairs and rounds have the same form
 * whoever plays.
 */
import type { Prisma } from '../generated/prisma/client.ts'
import { newId } from '../base/ids.ts'

/** The built-in partner's id in this session. The partner is added to the session if necessary. */
export async function ensureBuiltInPartner(tx: Prisma.TransactionClient, sessionId: string, createdAt: Date): Promise<string> {
  const partner = { id: newId(), sessionId, name: '', skeleton: '', builtIn: true, createdAt }
  await tx.participant.createMany({ data: [partner], skipDuplicates: true })
  const { id } = await tx.participant.findUniqueOrThrow({ where: { sessionId_skeleton: { sessionId, skeleton: '' } } })
  return id
}
