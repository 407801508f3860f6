/**
 * The keys with which this tool signs what it tells platforms. Two are published: the one that signs now, and the next one, so that
 * platforms that cache the key set know it long before it signs. Which one signs follows from the date, so that all nodes agree.
 */
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK, type JWTPayload } from 'jose'
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** The tool's keys, in the database. */
export interface ToolKeys {
  /** Signs claims with the present key: an RS256 JWT that is valid for five minutes. */
  sign(claims: JWTPayload): Promise<string>
  /** The public keys, as a JWK set. */
  readKeySet(): Promise<{ readonly keys: readonly PublicKey[] }>
}

/** The public part of an RSA key (RFC 7517, RFC 7518 section 6.3.1). */
export interface PublicKey {
  readonly kty: string
  readonly n: string
  readonly e: string
  readonly kid: string
  readonly alg: string
  readonly use: string
}

type StoredKey = JWK & { readonly kid: string }

/** Real ms for which a key signs. */
const PERIOD_MS = 30 * 24 * 3_600_000
/** Real ms for which the key before is still published: longer than what it has signed is valid. */
const OVERLAP_MS = 3_600_000
/** Seconds. */
const TOKEN_LIFETIME_S = 300
const ALGORITHM = 'RS256'

export function createToolKeys({ prisma, now }: { prisma: PrismaClient; now: () => Date }): ToolKeys {
  const loaded = new Map<number, StoredKey>()
  const currentNumber = () => Math.floor(now().getTime() / PERIOD_MS)

  const load = async (number: number): Promise<StoredKey> => {
    const known = loaded.get(number)
    if (known) return known
    let row = await prisma.ltiKey.findUnique({ where: { number } })
    if (!row) {
      const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
      const jwk = { ...(await exportJWK(privateKey)), kid: newId(), alg: ALGORITHM, use: 'sig' }
      // Another node may have made one at the same time: then that one counts.
      await prisma.ltiKey.createMany({
        data: [{ number, privateKey: jwk, createdAt: now() }],
        skipDuplicates: true,
      })
      await prisma.ltiKey.deleteMany({ where: { number: { lt: currentNumber() - 1 } } })
      row = await prisma.ltiKey.findUniqueOrThrow({ where: { number } })
    }
    const key = row.privateKey as StoredKey
    loaded.set(number, key)
    return key
  }

  return {
    async sign(claims) {
      const key = await load(currentNumber())
      const seconds = Math.floor(now().getTime() / 1000)
      return new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' })
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + TOKEN_LIFETIME_S)
        .setJti(newId())
        .sign(await importJWK(key, ALGORITHM))
    },

    async readKeySet() {
      const number = currentNumber()
      const keys = [await load(number), await load(number + 1)]
      if (now().getTime() % PERIOD_MS < OVERLAP_MS) {
        const before = await prisma.ltiKey.findUnique({ where: { number: number - 1 } })
        if (before) keys.push(before.privateKey as StoredKey)
      }
      return { keys: keys.map(toPublicKey) }
    },
  }
}

const toPublicKey = ({ kty = '', n = '', e = '', kid }: StoredKey): PublicKey => ({ kty, n, e, kid, alg: ALGORITHM, use: 'sig' })
