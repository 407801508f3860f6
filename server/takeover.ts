/**
 * Nobody waits for someone who has gone: after a grace the built-in partner takes the seat, and gives it back to whoever returns; a wire
 * that has lost its player lets pass what comes. Every node sees to everybody; the log takes what the first of them does.
 */
import type { Place } from '../contract/events.ts'
import type { Cluster } from './cluster.ts'
import type { Presence } from './presence.ts'
import type { Rooms } from './rooms.ts'
import { after as realAfter, type After } from './timer.ts'

export interface TakeoverDeps {
  readonly presence: Pick<Presence, 'present' | 'onChange'>
  readonly cluster: Pick<Cluster, 'on'>
  readonly rooms: Pick<Rooms, 'control'>
  readonly lessons: {
    places(participantIds: readonly string[]): Promise<readonly Place[]>
    /** The id of a student's partner; null for one who has none. */
    partner(participantId: string): Promise<string | null>
  }
  /** Does it again, a few times and a little later, where it fails. */
  readonly insist: (work: () => Promise<void>) => void
  readonly after?: After
  /** Real ms. */
  readonly grace?: number
}

/** Real ms from when somebody is seen to be away. */
const GRACE = 60_000

export function watchSeats({ presence, cluster, rooms, lessons, insist, after = realAfter, grace = GRACE }: TakeoverDeps): void {
  const away = new Set<string>()

  const seat = async (id: string, control: 'takeover' | 'return'): Promise<void> => {
    const [place] = await lessons.places([id])
    if (presence.present(id) !== (control === 'return')) return
    if (place?.wire) {
      const wire = control === 'takeover' ? 'free-wire' : 'stop-wire'
      return rooms.control(place.wire.id, { type: 'control', control: wire }, 'system')
    }
    if (!place?.round) return
    // Who plays with the built-in partner keeps nobody waiting; who is away too is not kept waiting.
    if (control === 'takeover' && (place.partner?.name == null || !place.partner.present)) return
    await rooms.control(place.round.id, { type: 'control', control, seat: place.round.seat }, 'system')
  }

  const look = (id: string): void => {
    if (presence.present(id) || away.has(id)) return
    away.add(id)
    after(grace, () => {
      away.delete(id)
      if (!presence.present(id)) insist(() => seat(id, 'takeover'))
    })
  }

  presence.onChange((id) => {
    look(id)
    if (!presence.present(id)) return
    insist(async () => {
      await seat(id, 'return')
      const partner = await lessons.partner(id)
      if (partner !== null) look(partner) // gone before there was anybody to wait
    })
  })
  // Whoever is away when a round begins.
  cluster.on('places', (ids) => ids.forEach(look))
}
