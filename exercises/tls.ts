/** What the judge takes for the scenes with TLS: Node's primitives, and the certificates of the exercises. */
import { nodeCrypto } from '../crypto/node.ts'
import type { TlsTools } from '../protocol/world/tls.ts'
import { CERTIFICATES, EPOCH, identity, type IdentityId, REVOKED, TRUSTED } from './certificates.ts'

export const TLS_TOOLS: TlsTools = {
  crypto: nodeCrypto,
  identity: (id) => identity(id as IdentityId),
  certificates: CERTIFICATES,
  trusted: TRUSTED,
  revoked: REVOKED,
  epoch: EPOCH,
}
