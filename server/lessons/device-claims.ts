/**
 * A student who comes back on another device joins under the same name, which gets a number there, and claims the seat of before.
 * The teacher confirms it: then the device is the earlier participant, with their pair, rounds and points, and the later one is removed.
 */
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Presence } from '../nodes/presence.ts'
import { normalizeText, skeletonOf } from './names.ts'
import type { LessonNotifier } from './notifier.ts'
import { withRunningSession } from './session-lock.ts'

/** The participant whose seat a device has been given. */
export interface ClaimedSeat {
  readonly id: string
  readonly session: string
}

/** The operations on claims. */
export interface DeviceClaims {
  /** Claims to be the participant of this name; it is granted at once where the session says so and that one is away. Resolves to the name as it is. Rejects with `not-found` if there is none. */
  claimSeat(participantId: string, name: string): Promise<string>
  /** What has become of a claim: the seat once it has been granted. */
  readClaim(participantId: string): Promise<'waiting' | 'refused' | ClaimedSeat>
  /**
   * Grants or refuses the claim of this participant. Rejects with `not-found` if there is no such claim, and with `conflict` if
   * the participant has a pair meanwhile.
   */
  decideClaim(sessionId: string, participantId: string, granted: boolean): Promise<void>
}

export interface DeviceClaimsDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged' | 'placesChanged'>
  readonly presence: Pick<Presence, 'isPresent'>
  readonly now: () => Date
}

const noClaimError = () => new ApiError('not-found', 'There is no such claim.')

export function createDeviceClaims({ prisma, notifier, presence, now }: DeviceClaimsDeps): DeviceClaims {
  const claims: DeviceClaims = {
    async claimSeat(participantId, name) {
      const me = await prisma.participant.findFirst({ where: { id: participantId, removedAt: null }, include: { session: true } })
      const skeleton = skeletonOf(normalizeText(name))
      const other =
        me &&
        (await prisma.participant.findFirst({ where: { sessionId: me.sessionId, skeleton, builtIn: false, removedAt: null } }))
      if (!other || other.id === me.id) throw new ApiError('not-found', 'Nobody here has this name.')
      await prisma.participant.update({ where: { id: me.id }, data: { claimedId: other.id } })
      notifier.participantsChanged(me.sessionId)
      // Whoever is at another device has not changed it: that is for the teacher to decide.
      if (me.session.claims === 'automatic' && !presence.isPresent(other.id)) await claims.decideClaim(me.sessionId, me.id, true)
      return other.name
    },

    async readClaim(participantId) {
      const me = await prisma.participant.findUnique({ where: { id: participantId } })
      if (!me?.claimedId) return 'refused'
      return me.removedAt ? { id: me.claimedId, session: me.sessionId } : 'waiting'
    },

    async decideClaim(sessionId, participantId, granted) {
      await withRunningSession(prisma, sessionId, async (tx) => {
        const where = { id: participantId, sessionId, removedAt: null, claimedId: { not: null } }
        const paired = { some: { dissolvedAt: null } }
        const rows = await tx.participant.findMany({
          where: { ...where, OR: [{ firstOf: paired }, { secondOf: paired }, { thirdOf: paired }] },
        })
        if (granted && rows.length > 0) throw new ApiError('conflict', 'This participant has a pair meanwhile.')
        // The skeleton of a name is unique in a session, so it is given up.
        const data = granted ? { removedAt: now(), skeleton: `removed ${participantId}` } : { claimedId: null }
        const { count } = await tx.participant.updateMany({ where, data })
        if (count === 0) throw noClaimError()
      })
      notifier.participantsChanged(sessionId)
      if (granted) notifier.placesChanged([participantId]) // ends the connections of the later participant
    },
  }
  return claims
}
