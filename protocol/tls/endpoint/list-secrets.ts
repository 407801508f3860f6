/** The named secrets of an endpoint. The seat's own page may show them; the debrief shows those of both sides. */
import type { TlsEndpoint } from './endpoint.ts'

export const SECRET_KINDS = [
  'pre-master-secret',
  'master-secret',
  'handshake-secret',
  'client-handshake-traffic-secret',
  'server-handshake-traffic-secret',
  'client-traffic-secret',
  'server-traffic-secret',
  'write-key',
  'read-key',
] as const

export interface NamedSecret {
  readonly name: (typeof SECRET_KINDS)[number]
  readonly hex: string
}

/** The secrets that are known, in the order of their derivation. */
export function listEndpointSecrets({
  secrets,
  writes,
  reads,
}: Partial<Pick<TlsEndpoint, 'secrets' | 'writes' | 'reads'>>): readonly NamedSecret[] {
  const values: { readonly [N in NamedSecret['name']]: string | null | undefined } = {
    'pre-master-secret': secrets?.preMaster,
    'master-secret': secrets?.master,
    'handshake-secret': secrets?.handshake,
    'client-handshake-traffic-secret': secrets?.handshakeTraffic?.client,
    'server-handshake-traffic-secret': secrets?.handshakeTraffic?.server,
    'client-traffic-secret': secrets?.present?.client,
    'server-traffic-secret': secrets?.present?.server,
    'write-key': writes?.key,
    'read-key': reads?.key,
  }
  return SECRET_KINDS.flatMap((name) => (values[name] ? [{ name, hex: values[name] }] : []))
}
