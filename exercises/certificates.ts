/** The certificates of the exercises, made by scripts/certificates.mjs. Their keys are open to everybody and protect nothing. */
import type { Certificate, Identity, Revocation } from '../protocol/tls/keys/certificate.ts'
import made from './certificates.json' with { type: 'json' }

export type IdentityId = keyof typeof made.identities

const getCertificate = (id: string): Certificate => {
  const found = (made.certificates as Readonly<Record<string, Certificate>>)[id]
  if (!found) throw new Error(`no such certificate: ${id}`)
  return found
}

/** World time 0, in milliseconds since 1970. */
export const EPOCH_MS: number = made.epoch
/** Whom the client wants to reach. */
export const EXERCISE_SERVER_NAME: string = made.serverName
/** The authorities that every client trusts. */
export const TRUSTED_AUTHORITIES: readonly Certificate[] = made.trusted.map(getCertificate)
export const REVOCATIONS: readonly Revocation[] = made.revoked

export function getIdentity(id: IdentityId): Identity {
  const { chain, key } = made.identities[id]
  return { id, chain: chain.map(getCertificate), key: key === null ? null : made.keys[key as keyof typeof made.keys] }
}

export const IDENTITY_IDS = Object.keys(made.identities) as IdentityId[]

/** All that may be shown, and what stands in it. */
export const CERTIFICATES: readonly Certificate[] = Object.values(made.certificates)
