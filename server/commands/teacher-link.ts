/** `handshake teacher-link [ACCOUNT]`: prints a new one-time link to an account, while the server runs or not. */
import type { Config } from '../base/config.ts'
import { DatabaseError } from '../database/error.ts'
import { connectDatabase } from '../database/open.ts'
import { visitDatabase } from '../database/visit.ts'
import { createTeachers } from '../identity/teachers.ts'

/**
 * Resolves to the link, which is valid for a day. `account`: an id, an e-mail address or a name; by default, the link is to the
 * owner's account. Throws `DatabaseError`.
 */
export async function printTeacherLink(
  config: Pick<Config, 'databaseUrl' | 'dataDir' | 'baseUrl' | 'port'>,
  account?: string,
): Promise<string> {
  const { url, close } = await visitDatabase(config)
  const { prisma, close: disconnect } = connectDatabase(url)
  try {
    const teachers = createTeachers({ prisma, now: () => new Date() })
    const token =
      account === undefined
        ? await teachers.createLink()
        : await teachers.createLinkTo(requireOne(account, await teachers.findAccounts(account)))
    return `${config.baseUrl ?? `http://localhost:${config.port}`}/teach#link=${token}`
  } catch (error) {
    throw isMissingTable(error)
      ? new DatabaseError('There is no classroom of this version in this database: start it once first.')
      : error
  } finally {
    await disconnect()
    await close()
  }
}

function requireOne(typed: string, found: readonly { readonly id: string; readonly blocked: boolean }[]): string {
  const [account, ...others] = found
  if (!account) throw new DatabaseError(`There is no account ${typed}.`)
  if (others.length > 0)
    throw new DatabaseError(`${typed} names several accounts. Give the id: one of ${found.map(({ id }) => id).join(', ')}.`)
  if (account.blocked) throw new DatabaseError(`${typed} is blocked. An owner has to unblock this account first.`)
  return account.id
}

/** Whether Prisma misses a table or a column. */
const isMissingTable = (error: unknown): boolean => ['P2021', 'P2022'].includes((error as { code?: string }).code ?? '')
