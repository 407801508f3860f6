/** The answer to a platform that has asked which sessions its new links are to open (Deep Linking 2.0, 4.5). */
import type { JWTPayload } from 'jose'
import { newSecretToken } from '../base/secret-token.ts'
import type { LtiPlatform, Session } from '../generated/prisma/client.ts'
import type { Launch } from './launch.ts'
import { toLineItem } from './line-items.ts'
import { CLAIM } from './vocabulary.ts'

/** The claims of the answer. `launchUrl`: this tool's address for launches. */
export function toContentClaims(
  platform: LtiPlatform,
  { deployment, message }: { deployment: string; message: Launch['message'] & { kind: 'deep-linking' } },
  sessions: readonly Session[],
  launchUrl: string,
): JWTPayload {
  return {
    iss: platform.clientId,
    aud: platform.issuer,
    nonce: newSecretToken(),
    [CLAIM.messageType]: 'LtiDeepLinkingResponse',
    [CLAIM.version]: '1.3.0',
    [CLAIM.deploymentId]: deployment,
    [CLAIM.contentItems]: sessions.map((session) => ({
      type: 'ltiResourceLink',
      title: session.title,
      url: launchUrl,
      custom: { session: session.id },
      ...(message.lineItems ? { lineItem: toLineItem(session) } : {}),
    })),
    // 4.5.6: what the platform sent along, as it was.
    ...(message.data === null ? {} : { [CLAIM.deepLinkingData]: message.data }),
  }
}
