/** What can be recorded of a round: the octets on its wire, at the end of each scene in which somebody listens. */
import { SEATS } from '../../seat.ts'
import { applyEntry } from '../../round/fold/reducer.ts'
import { readEntry } from '../../round/fold/timeline.ts'
import { sceneOf } from '../../round/fold/current-scene.ts'
import type { Entry } from '../../round/model/entry.ts'
import type { World } from '../../round/model/world.ts'
import { octetsOnWire } from '../../round/rules/eavesdropper.ts'
import { toHex } from '../../octets.ts'
import { findSuite } from '../../tls/format/suites.ts'
import type { Recording } from './leak-world.ts'

/** Whether an eavesdropper has all of a scene's conversation with this entry. */
export const endsRecording = ({ effects }: Pick<Entry, 'effects'>): boolean =>
  effects.some((effect) => effect.kind === 'overheard' && effect.leaked === null)

/** The recordings of a round, from its whole log. `members`: ids of its players. */
export function recordingsOf(entries: readonly Entry[], members: readonly string[]): readonly Recording[] {
  const recordings: Recording[] = []
  let world: World | null = null
  for (const entry of entries) {
    if (endsRecording(entry))
      for (const { effect, after } of readEntry(world, entry).moments)
        if (effect.kind === 'overheard' && effect.leaked === null) recordings.push(...recordScene(after, entry.roundId, members))
    world = applyEntry(world, entry)
  }
  return recordings
}

function recordScene(world: World, round: string, members: readonly string[]): readonly Recording[] {
  const { id, tls } = sceneOf(world)
  const exchange = findSuite(tls?.server.suites[0] ?? 0)?.exchange
  if (!tls?.server.shows || (exchange !== 'RSA' && exchange !== 'ECDHE')) return []
  const [client, server] = SEATS.map((seat) => toHex(octetsOnWire(world, seat)))
  return [{ round, scene: id, members, exchange, identity: tls.server.shows, wire: { client: client!, server: server! } }]
}
