/**
 * Practice: one learner and the built-in partner, without a code or a teacher. It is a lesson that is nobody's, with one pair, and each
 * round opens one more place of its playlist, so that all that holds for rounds in a class holds here.
 */
import type { Practice, PracticeBegun } from '../../contract/http.ts'
import type { BeginPractice } from '../../contract/schemas.ts'
import type { ExerciseLibrary } from '../../exercises/load.ts'
import { createRoundScript, type RoundScriptDeps } from './round-script.ts'
import { ensureBuiltInPartner } from './built-in-partner.ts'
import { exerciseIdOf, playlistOf } from './read-models.ts'
import type { LessonNotifier } from './notifier.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { ApiError } from '../base/api-error.ts'
import type { Participant, Prisma } from '../generated/prisma/client.ts'
import { toExerciseInfo, formatReference } from './library.ts'
import { newId } from '../base/ids.ts'

export interface PracticesDeps extends RoundScriptDeps {
  readonly exercises: ExerciseLibrary
  readonly rounds: Pick<Rounds, 'start' | 'control' | 'readWorld'>
  readonly notifier: Pick<LessonNotifier, 'placesChanged'>
  readonly now: () => Date
}

export interface Practices {
  /** What there is to practise, and the round that one of these participants has not finished. */
  readOverview(participantIds: readonly string[]): Promise<Practice>
  /**
   * Begins a round, as the learner whom this browser holds already or as a new one; an unfinished one ends. Rejects with `not-found` for
   * an exercise that is not there.
   */
  beginRound(participantIds: readonly string[], wanted: BeginPractice): Promise<PracticeBegun & { session: string }>
}

export function createPractices(deps: PracticesDeps): Practices {
  const { prisma, exercises, rounds, notifier, now } = deps

  const findLearner = (ids: readonly string[]): Promise<Participant | null> =>
    prisma.participant.findFirst({
      where: { id: { in: [...ids] }, session: { teacherId: null } },
      orderBy: { createdAt: 'desc' },
    })

  /** A new lesson of a new learner, with nothing in it. */
  const createLearner = (): Promise<Participant> =>
    prisma.$transaction(async (tx) => {
      const sessionId = newId()
      const fields = { teacherId: null, title: '', level: 'guided', playlist: [], swap: false, createdAt: now() }
      // Nobody can type its code.
      await tx.session.create({ data: { ...fields, id: sessionId, code: newId() } })
      return tx.participant.create({ data: { id: newId(), sessionId, name: '·', createdAt: now() } })
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
      const round =
        me && (await prisma.round.findFirst({ where: { sessionId: me.sessionId, endedAt: null }, orderBy: { position: 'desc' } }))
      return {
        exercises: exercises.published().map((exercise) => toExerciseInfo(exercise)),
        unfinished: round ? { participant: me.id, exercise: exerciseIdOf(round) } : null,
      }
    },

    async beginRound(ids, { exercise: wanted, seat, level, partner }) {
      const exercise = exercises.get(wanted)
      if (!exercise) throw new ApiError('not-found', 'There is no such exercise.')
      const me = (await findLearner(ids)) ?? (await createLearner())
      const { round, stale } = await prisma.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM "Session" WHERE "id" = ${me.sessionId} FOR NO KEY UPDATE`
        const session = await tx.session.findUniqueOrThrow({ where: { id: me.sessionId } })
        const playlist = [...playlistOf(session), exercise.id]
        const position = playlist.length - 1
        await tx.session.update({ where: { id: session.id }, data: { playlist, position, level } })
        const stale = await tx.round.findMany({ where: { sessionId: session.id, endedAt: null } })
        await tx.round.updateMany({ where: { id: { in: stale.map(({ id }) => id) } }, data: { endedAt: now() } })
        const pair = await ensurePair(tx, me)
        const [clientId, serverId] = seat === 'client' ? [pair.firstId, pair.secondId] : [pair.secondId, pair.firstId]
        const place = { sessionId: session.id, pairId: pair.id, position, leg: 1, clientId, serverId, createdAt: now() }
        const round = await tx.round.create({ data: { ...place, id: newId(), exercise: formatReference(exercise) } })
        return { round, stale }
      })
      await Promise.all(stale.map(({ id }) => rounds.control(id, { kind: 'control', control: 'end', why: 'ended' }, 'system')))
      const players = { client: 'partner', server: 'partner', [seat]: 'person' } as const
      await rounds.start(round.id, await createRoundScript(deps, round, exercise, level, { players, partner }))
      notifier.placesChanged([me.id])
      return { participant: me.id, session: me.sessionId }
    },
  }
}
