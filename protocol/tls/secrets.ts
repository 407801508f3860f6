/** What an endpoint has computed and keeps to itself, as its own page may show it, and a debrief both sides'. */
import type { Endpoint } from './endpoint.ts'

export const SECRETS = [
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

export interface Secret {
  readonly name: (typeof SECRETS)[number]
  readonly hex: string
}

/** Those that are known, in the order in which they follow from each other. */
export function secretsOf({ secrets, writes, reads }: Partial<Pick<Endpoint, 'secrets' | 'writes' | 'reads'>>): readonly Secret[] {
  const values: { readonly [N in Secret['name']]: string | null | undefined } = {
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
  return SECRETS.flatMap((name) => (values[name] ? [{ name, hex: values[name] }] : []))
}
