/** Hands: a student raises one to ask the teacher over, and either of them takes it down. */
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { LessonNotifier } from './notifier.ts'

/** The operations on hands. Neither has an effect if the hand is as wanted already, or there is no such participant. */
export interface Hands {
  setHand(participantId: string, raised: boolean): Promise<void>
  lowerHand(sessionId: string, participantId: string): Promise<void>
}

export interface HandsDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged' | 'placesChanged'>
  readonly now: () => Date
}

export function createHands({ prisma, notifier, now }: HandsDeps): Hands {
  const change = async (whose: Prisma.ParticipantWhereInput, raised: boolean) => {
    const changed = await prisma.participant.updateManyAndReturn({
      where: { ...whose, removedAt: null, handRaisedAt: raised ? null : { not: null } },
      data: { handRaisedAt: raised ? now() : null },
    })
    for (const { id, sessionId } of changed) {
      notifier.participantsChanged(sessionId)
      notifier.placesChanged([id])
    }
  }
  return {
    setHand: (id, raised) => change({ id }, raised),
    lowerHand: (sessionId, id) => change({ id, sessionId }, false),
  }
}
