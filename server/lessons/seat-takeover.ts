/**
 * Seat takeover: if a player is away for the grace period, the built-in partner plays until they return; for an abandoned network
 * seat, all segments are let pass. Every node schedules the takeover of every player; the log accepts the first one.
 */
import type { Places } from './places.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { after as realAfter, type After } from '../base/timer.ts'

export interface SeatTakeoverDeps {
  readonly presence: Pick<Presence, 'isPresent' | 'refresh' | 'onChange'>
  readonly cluster: Pick<Cluster, 'on'>
  readonly rounds: Pick<Rounds, 'control'>
  readonly places: Places
  /** Does the work, and repeats it after a delay if it fails. */
  readonly retry: (work: () => Promise<void>) => void
  readonly after?: After
  /** Real ms for which a player may be away. */
  readonly graceMs?: number
}

/** Real ms for which a player may be away before the partner takes over. */
const TAKEOVER_GRACE_MS = 60_000

/** Starts to watch presence and to switch seats between players and the built-in partner. */
export function startSeatTakeover({
  presence,
  cluster,
  rounds,
  places,
  retry,
  after = realAfter,
  graceMs = TAKEOVER_GRACE_MS,
}: SeatTakeoverDeps): void {
  const scheduled = new Set<string>()

  const switchSeat = async (id: string, control: 'takeover' | 'return'): Promise<void> => {
    // Messages between nodes may have been lost: nobody's seat is taken over who is connected to another node.
    if (control === 'takeover') await presence.refresh()
    const [place] = await places.readPlaces([id])
    if (presence.isPresent(id) !== (control === 'return')) return
    if (place?.wire) {
      const wire = control === 'takeover' ? 'free-wire' : 'stop-wire'
      return rounds.control(place.wire.id, { kind: 'control', control: wire }, 'system')
    }
    if (!place?.round) return
    // No takeover if nobody waits for this player: the partner is built in, or away too.
    if (control === 'takeover' && (place.partner?.name == null || !place.partner.present)) return
    await rounds.control(place.round.id, { kind: 'control', control, seat: place.round.seat }, 'system')
  }

  const scheduleTakeover = (id: string): void => {
    if (presence.isPresent(id) || scheduled.has(id)) return
    scheduled.add(id)
    after(graceMs, () => {
      scheduled.delete(id)
      if (!presence.isPresent(id)) retry(() => switchSeat(id, 'takeover'))
    })
  }

  presence.onChange((id) => {
    scheduleTakeover(id)
    if (!presence.isPresent(id)) return
    retry(async () => {
      await switchSeat(id, 'return')
      const partner = await places.readPartnerId(id)
      if (partner !== null) scheduleTakeover(partner) // the partner may have left before this player arrived
    })
  })
  // Players who are already away when a round begins.
  cluster.on('places', (ids) => ids.forEach(scheduleTakeover))
}
