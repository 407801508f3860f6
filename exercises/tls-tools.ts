/** What judging scenes with TLS depends on: Node's cryptography and the certificates of the exercises. */
import { nodeCrypto } from '../crypto/node-crypto.ts'
import type { TlsTools } from '../protocol/round/rules/tls-end.ts'
import { CERTIFICATES, EPOCH_MS, getIdentity, type IdentityId, REVOCATIONS, TRUSTED_AUTHORITIES } from './certificates.ts'

/** Passed to every round that the server or the command line judges. */
export const TLS_TOOLS: TlsTools = {
  crypto: nodeCrypto,
  identity: (id) => getIdentity(id as IdentityId),
  certificates: CERTIFICATES,
  trusted: TRUSTED_AUTHORITIES,
  revoked: REVOCATIONS,
  epoch: EPOCH_MS,
}
