/** What happens by itself in a session: pairs that are through go on, and those who come late are placed. */
import type { Automatics as AutomaticsWish } from '../../contract/requests.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Presence } from '../nodes/presence.ts'
import { readCurrentRounds } from './lesson-store-prisma.ts'
import { notifyPairsChanged, type LessonNotifier } from './notifier.ts'
import type { Pairing } from './pairing.ts'
import type { Progress } from './progress.ts'
import { withRunningSession } from './session-lock.ts'
import { automaticsOf, memberIds } from './session-rows.ts'

export interface Automatics {
  /** Chooses what happens by itself from now on. Pairs that are through already go on at once. Rejects with `not-found` or `session-ended`. */
  setAutomatics(sessionId: string, wanted: AutomaticsWish): Promise<void>
  /**
   * Places somebody who has joined after an exercise was opened: with the built-in partner, or as the third of the pair of two that was made
   * first, where they get the wire from the pair's next round on. With nobody to join, the built-in partner it is. Has no effect where they
   * wait for the teacher, or nothing is open.
   */
  placeLatecomer(sessionId: string, participantId: string): Promise<void>
}

export interface AutomaticsDeps {
  readonly prisma: PrismaClient
  readonly presence: Pick<Presence, 'isPresent'>
  readonly progress: Pick<Progress, 'advance'>
  readonly notifier: LessonNotifier
  readonly makePair: Pairing['makePair']
}

export function createAutomatics({ prisma, presence, progress, notifier, makePair }: AutomaticsDeps): Automatics {
  const goOnWhereThrough = async (sessionId: string) => {
    const pairs = await prisma.pair.findMany({ where: { sessionId, dissolvedAt: null }, include: { session: true } })
    const rounds = await readCurrentRounds(prisma, pairs)
    for (const { id, endedAt } of rounds.values()) if (endedAt) await progress.advance(id)
  }

  /** Makes somebody the third of a pair of two students. Resolves to that pair; null if there is none. */
  const joinWire = (sessionId: string, participantId: string) =>
    withRunningSession(prisma, sessionId, async (tx) => {
      const pairs = await tx.pair.findMany({
        where: { sessionId, dissolvedAt: null, thirdId: null, first: { builtIn: false }, second: { builtIn: false } },
        orderBy: { number: 'asc' },
      })
      const pair = pairs.find((each) => memberIds(each).every((id) => presence.isPresent(id))) ?? pairs[0]
      return pair ? tx.pair.update({ where: { id: pair.id }, data: { thirdId: participantId } }) : null
    })

  return {
    async setAutomatics(sessionId, wanted) {
      await withRunningSession(prisma, sessionId, (tx) => tx.session.update({ where: { id: sessionId }, data: wanted }))
      notifier.sessionChanged(sessionId)
      if (wanted.pace === 'own') await goOnWhereThrough(sessionId)
    },

    async placeLatecomer(sessionId, participantId) {
      const session = await prisma.session.findUniqueOrThrow({ where: { id: sessionId } })
      const { latecomers } = automaticsOf(session)
      if (latecomers === 'wait' || session.position === null || session.endedAt) return
      const pair = latecomers === 'network' ? await joinWire(sessionId, participantId) : null
      if (pair) notifyPairsChanged(notifier, sessionId, [pair])
      else await makePair(sessionId, [participantId])
    },
  }
}
