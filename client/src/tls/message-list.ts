/** Helpers for lists of messages and certificates. Pure. */
import type { Seat } from '../../../protocol/seat.ts'
import type { Trust } from '../../../contract/places.ts'
import type { Fact } from '../../../protocol/tls/watch/message-facts.ts'
import type { TlsRuleSetName } from '../../../protocol/tls/keys/rules.ts'
import type { MessageView, NowView } from '../../../protocol/round/view/seat-view.ts'

/** A TLS endpoint: its seat, its capabilities, and what it checks certificates against. */
export type TlsEnd = NonNullable<NowView['tls']> & Trust & { readonly seat: Seat }

/** A message that this host has written (`own`) or read. */
export type ListedMessage = MessageView & { readonly own: boolean }

/** How many octets of each message are unsent. `unsent`: their total; they are the octets that were handed to TCP last. */
export function countUnsentOctets(messages: readonly ListedMessage[], unsent: number): readonly number[] {
  let left = unsent
  return [...messages]
    .reverse()
    .map(({ own, octets = 0 }) => {
      const held = own ? Math.min(left, octets) : 0
      left -= held
      return held
    })
    .reverse()
}

/** The contents of one certificate, by name. */
export type CertificateFacts = { readonly [N in Fact['name']]?: string }

/** Splits the facts of a Certificate message into certificates, the end entity's first; each begins with its `subject`. */
export function groupCertificates(facts: readonly Fact[]): readonly CertificateFacts[] {
  const chain: { [N in Fact['name']]?: string }[] = []
  for (const { name, value } of facts) {
    if (name === 'subject') chain.push({})
    const last = chain.at(-1)
    if (last) last[name] = value
  }
  return chain
}

/** What a ClientKeyExchange carries: a public value if the suite uses ECDHE, otherwise what the rule set says. */
export function selectCargo(suite: string | null, rules: TlsRuleSetName): 'public-value' | TlsRuleSetName {
  return suite?.includes('ECDHE') ? 'public-value' : rules
}

/** Shortens a long value: its first 8 octets, and the number of its octets. */
export const abbreviateHex = (hex: string): { readonly first: string; readonly octets: number } => ({
  first: hex.length > 24 ? `${hex.slice(0, 16)}…` : hex,
  octets: hex.length / 2,
})

/** Octets as text if all are printable ASCII, CR or LF; otherwise as shortened hexadecimal digits. */
export function formatOctets(hex: string): string {
  const octets = (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
  const printable = octets.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a)
  return printable ? String.fromCharCode(...octets) : abbreviateHex(hex).first
}
