/**
 * Rehearsals: a copy of a session in which a program plays the students. Everything else is as in a lesson: pairs, rounds, board and
 * results. As it is a session of its own, nothing of it counts in the session that was copied.
 */
import type { SessionInfo } from '../../contract/answers.ts'
import type { Rehearse } from '../../contract/requests.ts'
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { insertSession } from './insert-session.ts'
import { skeletonOf } from './names.ts'
import type { Pairing } from './pairing.ts'
import type { Playlist } from './playlist.ts'
import type { RehearsalSettings } from './simulated-students.ts'
import { sessionNotFoundError, toSessionInfo } from './session-rows.ts'

/** What a rehearsal adds to a session. */
export interface Rehearsals {
  /**
   * Copies the session, adds that many simulated students in pairs, and opens the first exercise. Rejects with `not-found`, also
   * if the first exercise no longer exists.
   */
  rehearse(sessionId: string, wanted: Rehearse): Promise<SessionInfo>
}

export interface RehearsalsDeps {
  readonly prisma: PrismaClient
  readonly pairing: Pick<Pairing, 'pairPresent'>
  readonly playlist: Pick<Playlist, 'openExercise'>
  readonly now: () => Date
}

/** Given names from many places; further students get a number. */
const NAMES = (
  'Ada Amir Anna Aya Bao Ben Carla Chen Dana Diego Elif Emma Farid Fei Gabriel Grace Hana Hugo Ines Ivan Jia Jonas Kaito Kira Lan Leo ' +
  'Lina Luca Maja Marco Mei Milan Nadia Noah Olga Omar Ping Priya Quinn Rosa Ruben Sara Tao Tom Uma Viktor Wei Xin Yara Zoe'
).split(' ')

export function createRehearsals({ prisma, pairing, playlist, now }: RehearsalsDeps): Rehearsals {
  return {
    async rehearse(sessionId, { students, speed }) {
      const original = await prisma.session.findUnique({ where: { id: sessionId } })
      if (!original) throw sessionNotFoundError()
      const { teacherId, title, level, swap, partner, tcpByHand, discussion, playlist: exercises } = original
      const session = await insertSession(prisma, {
        teacherId,
        title,
        level,
        swap,
        partner: partner ?? {},
        tcpByHand,
        discussion,
        playlist: exercises ?? [],
        rehearsal: { speed } satisfies RehearsalSettings,
        createdAt: now(),
      })
      const names = Array.from({ length: students }, (_, i) => nameOf(i))
      await prisma.participant.createMany({
        data: names.map((name) => {
          return { id: newId(), sessionId: session.id, name, skeleton: skeletonOf(name), simulated: true, createdAt: now() }
        }),
      })
      await pairing.pairPresent(session.id)
      await playlist.openExercise(session.id, 0)
      return toSessionInfo(await prisma.session.findUniqueOrThrow({ where: { id: session.id } }))
    },
  }
}

const nameOf = (i: number): string => {
  const name = NAMES[i % NAMES.length]!
  return i < NAMES.length ? name : `${name} ${1 + Math.floor(i / NAMES.length)}`
}
