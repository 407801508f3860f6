/**
 * Seat takeover: if a player is away for the grace period, the built-in partner plays on until they return; an abandoned network seat
 * passes all segments. Every node schedules it for everybody; the log accepts the first.
 */
import type { Places } from './places.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { after as realAfter, type After } from '../base/timer.ts'

export interface SeatTakeoverDeps {
  readonly presence: Pick<Presence, 'isPresent' | 'onChange'>
  readonly cluster: Pick<Cluster, 'on'>
  readonly rounds: Pick<Rounds, 'control'>
  readonly places: Places
  /** Does it again, a few times and a little later, where it fails. */
  readonly retry: (work: () => Promise<void>) => void
  readonly after?: After
  /** Real ms. */
  readonly graceMs?: number
}

/** Real ms from when somebody is seen to be away. */
const TAKEOVER_GRACE_MS = 60_000

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
    const [place] = await places.readPlaces([id])
    if (presence.isPresent(id) !== (control === 'return')) return
    if (place?.wire) {
      const wire = control === 'takeover' ? 'free-wire' : 'stop-wire'
      return rounds.control(place.wire.id, { kind: 'control', control: wire }, 'system')
    }
    if (!place?.round) return
    // Nobody waits for this player: the partner is built in, or away too.
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
