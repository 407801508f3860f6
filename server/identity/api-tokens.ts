/** Tokens by which programs act for a teacher. The database stores only their hashes. */
import { createHash, randomBytes } from 'node:crypto'
import type { ApiTokenInfo, CreatedApiToken, NewApiToken } from '../../contract/account.ts'
import { TOKEN_SCOPES, type TokenScope } from '../../contract/access-rules.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { ApiToken, PrismaClient } from '../generated/prisma/client.ts'

/** Whom a token acts for, and what it may do. */
export interface ApiTokenHolder {
  readonly teacherId: string
  readonly scopes: readonly TokenScope[]
}

/** The tokens of teachers, in the database. */
export interface ApiTokens {
  /** The teacher's tokens, newest first. */
  list(teacherId: string): Promise<ApiTokenInfo[]>
  /** Creates a token. Its secret is in this answer alone. Rejects with `conflict` if the teacher has `MAX_TOKENS`. */
  create(teacherId: string, wanted: NewApiToken): Promise<CreatedApiToken>
  /** Revokes a token of this teacher, if there is such a one. */
  revoke(teacherId: string, id: string): Promise<void>
  /** Null if the token is not valid, or its teacher is blocked. Notes that it is in use. */
  verify(secret: string): Promise<ApiTokenHolder | null>
}

const MAX_TOKENS = 50
/** Real ms. A token that is in use is noted this often at most, because every request asks for it. */
const USED_EVERY_MS = 5 * 60_000
/** What a token begins with, so that it is recognised where it does not belong, as in a repository. */
const PREFIX = 'hsk_'
const SECRET_PATTERN = /^hsk_[\w-]{43}$/
const BEARER_PATTERN = /^Bearer (hsk_\S+)$/i

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** The token in an `Authorization` header; null if there is none of ours. */
export const readBearer = (header: string | undefined): string | null => BEARER_PATTERN.exec(header ?? '')?.[1] ?? null

export function createApiTokens({ prisma, now }: { prisma: PrismaClient; now: () => Date }): ApiTokens {
  return {
    async list(teacherId) {
      const rows = await prisma.apiToken.findMany({ where: { teacherId }, orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] })
      return rows.map(toInfo)
    },

    async create(teacherId, { name, scopes }) {
      if ((await prisma.apiToken.count({ where: { teacherId } })) >= MAX_TOKENS)
        throw new ApiError('conflict', `There are ${MAX_TOKENS} tokens: revoke one first.`)
      const secret = PREFIX + randomBytes(32).toString('base64url')
      const kept = TOKEN_SCOPES.filter((scope) => scopes.includes(scope))
      const data = { id: newId(), teacherId, name: name.trim(), hash: hashOf(secret), scopes: kept, createdAt: now() }
      return { token: toInfo(await prisma.apiToken.create({ data })), secret }
    },

    revoke: async (teacherId, id) => void (await prisma.apiToken.deleteMany({ where: { id, teacherId } })),

    async verify(secret) {
      if (!SECRET_PATTERN.test(secret)) return null
      const row = await prisma.apiToken.findUnique({ where: { hash: hashOf(secret), teacher: { blockedAt: null } } })
      if (!row) return null
      if (now().getTime() - (row.lastUsedAt?.getTime() ?? 0) >= USED_EVERY_MS)
        await prisma.apiToken.updateMany({ where: { id: row.id }, data: { lastUsedAt: now() } })
      return { teacherId: row.teacherId, scopes: scopesOf(row) }
    },
  }
}

const scopesOf = ({ scopes }: ApiToken): TokenScope[] => TOKEN_SCOPES.filter((scope) => scopes.includes(scope))

const toInfo = (row: ApiToken): ApiTokenInfo => ({
  id: row.id,
  name: row.name,
  scopes: scopesOf(row),
  createdAt: row.createdAt.toISOString(),
  lastUsed: row.lastUsedAt?.toISOString() ?? null,
})
