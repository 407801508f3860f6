/** The messages of a round and what belongs to them, as the page lists them. Pure. */
import type { Seat } from '../../../protocol/seat.ts'
import type { Trust } from '../../../contract/places.ts'
import type { Fact } from '../../../protocol/tls/watch/message-facts.ts'
import type { TlsRuleSetName } from '../../../protocol/tls/keys/rules.ts'
import type { MessageView, NowView } from '../../../protocol/round/view/seat-view.ts'

/** An end of TLS: whose it is, what it can do, and what it holds certificates against. */
export type TlsEnd = NonNullable<NowView['tls']> & Trust & { readonly seat: Seat }

export type ListedMessage = MessageView & { readonly own: boolean }

/** How many octets of each message have not been sent yet: those that were handed over last. */
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

/** What stands in one certificate, by name. */
export type CertificateFacts = { readonly [N in Fact['name']]?: string }

/** The certificates of a chain, the own one first. */
export function groupCertificates(facts: readonly Fact[]): readonly CertificateFacts[] {
  const chain: { [N in Fact['name']]?: string }[] = []
  for (const { name, value } of facts) {
    if (name === 'subject') chain.push({})
    const last = chain.at(-1)
    if (last) last[name] = value
  }
  return chain
}

/** What a ClientKeyExchange carries, and under which key, as the suite and the rules have it. */
export function selectCargo(suite: string | null, rules: TlsRuleSetName): 'public-value' | TlsRuleSetName {
  return suite?.includes('ECDHE') ? 'public-value' : rules
}

/** A long value: its first octets, and how many it has. */
export const abbreviateHex = (hex: string): { readonly first: string; readonly octets: number } => ({
  first: hex.length > 24 ? `${hex.slice(0, 16)}…` : hex,
  octets: hex.length / 2,
})

/** Octets as the text that they are, where they are one; as hexadecimal digits otherwise. */
export function formatOctets(hex: string): string {
  const octets = (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
  const printable = octets.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a)
  return printable ? String.fromCharCode(...octets) : abbreviateHex(hex).first
}
