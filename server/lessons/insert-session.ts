import { newId } from '../base/ids.ts'
import type { Prisma, PrismaClient, Session } from '../generated/prisma/client.ts'
import { generateCode } from './join-codes.ts'

/** Creates a session with a join code that no other session has. */
export async function insertSession(
  prisma: PrismaClient,
  fields: Omit<Prisma.SessionCreateManyInput, 'id' | 'code'>,
): Promise<Session> {
  for (;;) {
    const data = [{ ...fields, id: newId(), code: generateCode() }]
    const [made] = await prisma.session.createManyAndReturn({ data, skipDuplicates: true })
    // No row was created: another session has the same code, so draw another.
    if (made) return made
  }
}
