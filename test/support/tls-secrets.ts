/** The values in a round with TLS that must stay with one of its ends, and the search for them in what somebody has received. */
import { type Seat, SEATS } from '../../protocol/seat.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { toHex, fromHex } from '../../protocol/octets.ts'
import { NAMED_GROUPS } from '../../protocol/tls/format/crypto.ts'
import { deriveFinishedKey } from '../../protocol/tls/keys/key-schedule.ts'
import { derivePrivateValue } from '../../protocol/tls/endpoint/randomness.ts'
import { findSuite } from '../../protocol/tls/format/suites.ts'
import { tlsEndOf, tlsHostOf } from '../../protocol/round/rules/tls-end.ts'
import type { World } from '../../protocol/round/model/world.ts'

/** What a seat's endpoint has computed: secrets, keys, MAC keys and initialization vectors, in hex. */
export function computed(world: World, seat: Seat): readonly string[] {
  const { secrets, writes, reads, connection } = tlsEndOf(world, seat).endpoint
  const { handshakeTraffic, traffic, present, ...single } = secrets
  const pairs = [handshakeTraffic, traffic, present].flatMap((pair) => (pair ? Object.values(pair) : []))
  const keys = [writes, reads].flatMap((side) => (side ? [side.key, side.mac, side.iv] : []))
  const hash = connection.suite === null ? undefined : findSuite(connection.suite)?.hash
  const finished = SEATS.flatMap((role) =>
    handshakeTraffic && hash ? [toHex(deriveFinishedKey(TLS_TOOLS.crypto, hash, fromHex(handshakeTraffic[role])))] : [],
  )
  return [...Object.values(single), ...pairs, ...keys, ...finished].flatMap((each) => each || [])
}

/** What keys are derived from: the seed, the private ECDHE values, the private key of the certificate. Hex. */
function sources(world: World, seat: Seat): readonly string[] {
  const host = tlsHostOf(world, seat, TLS_TOOLS)
  const { seed, identity } = host.config
  const { d, p, q } = identity?.key ?? {}
  return [seed, ...NAMED_GROUPS.map((group) => toHex(derivePrivateValue(group, host))), ...[d, p, q].flatMap((part) => part ?? [])]
}

/** The secrets of a round, in hex. */
export interface Secrets {
  readonly all: readonly string[]
  /** What a seat's own endpoint has computed by the time of its view with this number. */
  readonly known: (seat: Seat, view: number) => readonly string[]
}

/** Collects the secrets of a round from its worlds. */
export function secretsIn(worlds: readonly World[]): Secrets {
  const ends = worlds.flatMap((world) =>
    SEATS.map((seat) => ({ seat, view: world.seats[seat].viewCount, values: computed(world, seat) })),
  )
  const made = worlds.flatMap((world) => SEATS.flatMap((seat) => sources(world, seat)))
  return {
    all: [...new Set([...made, ...ends.flatMap(({ values }) => values)])],
    known: (seat, view) => ends.filter((end) => end.seat === seat && end.view <= view).flatMap(({ values }) => values),
  }
}

/**
 * The secrets that somebody has received, each once. For a seat, a secret counts if it arrived before its own endpoint had
 * computed it.
 */
export function leaks(who: string, frames: readonly string[], { all, known }: Secrets): readonly string[] {
  let own: readonly string[] = []
  const found = frames.flatMap((frame) => {
    const view = Math.max(...[...frame.matchAll(/"n":(\d+),"event"/g)].map(([, n]) => Number(n)))
    if ((who === 'client' || who === 'server') && view > 0) own = known(who, view)
    return all.filter((secret) => frame.includes(secret) && !own.includes(secret))
  })
  return [...new Set(found)]
}
