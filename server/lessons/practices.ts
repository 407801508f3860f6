/**
 * Practice: one learner and the built-in partner, without a code or a teacher. It is a lesson without a teacher and with one
 * pair. Each round appends an exercise to its playlist, so that the rules for rounds in a class apply here as well.
 */
import type { Practice, PracticeBegun } from '../../contract/answers.ts'
import type { BeginPractice } from '../../contract/requests.ts'
import type { ExerciseLibrary } from '../../exercises/load.ts'
import type { RoundLifecycle } from './round-lifecycle.ts'
import { ensureBuiltInPartner } from './built-in-partner.ts'
import { exerciseIdOf, playlistOf } from './session-rows.ts'
import type { LessonNotifier } from './notifier.ts'
import { ApiError } from '../base/api-error.ts'
import type { Participant, Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { toExerciseInfo, formatReference } from './library.ts'
import { newId } from '../base/ids.ts'

export interface PracticesDeps {
  readonly prisma: PrismaClient
  readonly exercises: ExerciseLibrary
  readonly lifecycle: RoundLifecycle
  readonly notifier: Pick<LessonNotifier, 'placesChanged'>
  readonly now: () => Date
}

/** Practice rounds of learners without a teacher. */
export interface Practices {
  /** The exercises for practising, and the unfinished round of one of these participants. */
  readOverview(participantIds: readonly string[]): Promise<Practice>
  /**
   * Starts a round, as the learner whom this browser already has or as a new one. An unfinished round is ended. Rejects with
   * `not-found` if there is no such exercise.
   */
  beginRound(participantIds: readonly string[], wanted: BeginPractice): Promise<PracticeBegun & { session: string }>
}

export function createPractices(deps: PracticesDeps): Practices {
  const { prisma, exercises, lifecycle, notifier, now } = deps

  const findLearner = (ids: readonly string[]): Promise<Participant | null> =>
    prisma.participant.findFirst({
      where: { id: { in: [...ids] }, session: { teacherId: null } },
      orderBy: { createdAt: 'desc' },
    })

  /** Creates an empty lesson with one new learner. */
  const createLearner = (): Promise<Participant> =>
    prisma.$transaction(async (tx) => {
      const sessionId = newId()
      const fields = { teacherId: null, title: '', level: 'guided', playlist: [], swap: false, createdAt: now() }
      // The code is a random id: nobody joins a practice by code.
      await tx.session.create({ data: { ...fields, id: sessionId, code: newId() } })
      return tx.participant.create({ data: { id: newId(), sessionId, name: '·', skeleton: '·', createdAt: now() } })
    })

  const ensurePair = async (tx: Prisma.TransactionClient, { id: firstId, sessionId }: Participant) => {
    const secondId = await ensureBuiltInPartner(tx, sessionId, now())
    const pair = { id: newId(), sessionId, number: 1, firstId, secondId, createdAt: now() }
    await tx.pair.createMany({ data: [pair], skipDuplicates: true })
    return tx.pair.findUniqueOrThrow({ where: { sessionId_number: { sessionId, number: 1 } } })
  }

  return {
    async readOverview(ids) {
      const me = await findLearner(ids)
      const round = me && (await prisma.round.findFirst({ where: { sessionId: me.sessionId }, orderBy: { position: 'desc' } }))
      return {
        exercises: exercises.published().map((exercise) => toExerciseInfo(exercise)),
        unfinished: round && !round.endedAt ? { participant: me.id, exercise: exerciseIdOf(round) } : null,
      }
    },

    async beginRound(ids, { exercise: wanted, seat, level, partner, leaves, tcpByHand = false }) {
      const exercise = exercises.get(wanted)
      if (!exercise) throw new ApiError('not-found', 'There is no such exercise.')
      const me = (await findLearner(ids)) ?? (await createLearner())
      const { session, round, stale } = await prisma.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM "Session" WHERE "id" = ${me.sessionId} FOR NO KEY UPDATE`
        const before = await tx.session.findUniqueOrThrow({ where: { id: me.sessionId } })
        const playlist = [...playlistOf(before), exercise.id]
        const position = playlist.length - 1
        const session = await tx.session.update({
          where: { id: before.id },
          data: {
            playlist,
            position,
            level,
            tcpByHand,
            partner: { ...partner, ...(leaves && level === 'guided' ? { leaves } : {}) },
          },
        })
        const stale = await tx.round.findMany({ where: { sessionId: session.id, endedAt: null } })
        const pair = await ensurePair(tx, me)
        const [clientId, serverId] = seat === 'client' ? [pair.firstId, pair.secondId] : [pair.secondId, pair.firstId]
        const place = { sessionId: session.id, pairId: pair.id, position, leg: 1, clientId, serverId, createdAt: now() }
        const round = await tx.round.create({ data: { ...place, id: newId(), exercise: formatReference(exercise) } })
        return { session, round, stale }
      })
      await lifecycle.endRounds(stale, 'ended', 'system')
      await lifecycle.startRounds(session, [round])
      notifier.placesChanged([me.id])
      return { participant: me.id, session: me.sessionId }
    },
  }
}
