/** Moves students between pairs while the lesson runs. Pairs that change are new ones, which begin the open exercise anew. */
import { ApiError } from '../base/api-error.ts'
import type { Pair, Prisma, PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import { ensureBuiltInPartner } from './built-in-partner.ts'
import type { Library } from './library.ts'
import { notifyPairsChanged, type LessonNotifier } from './notifier.ts'
import { createPairRows, markDissolved } from './pair-rows.ts'
import type { RoundLifecycle } from './round-lifecycle.ts'
import { withRunningSession } from './session-lock.ts'
import { memberIds, whereMemberIn } from './session-rows.ts'

/** Both reject with `not-found`, `session-ended` and `malformed`. */
export interface Moving {
  /**
   * Moves a student into a pair: in place of its built-in partner, or as the third, on its wire. Whoever is left alone plays with the
   * built-in partner. Rejects with `conflict` if the pair has three students already.
   */
  moveToPair(sessionId: string, participantId: string, pairId: string): Promise<void>
  /** Lets two students take each other's place. One of them may have no pair: then the other one has none afterwards. */
  tradePlaces(sessionId: string, participantId: string, otherId: string): Promise<void>
}

export interface MovingDeps {
  readonly prisma: PrismaClient
  readonly library: Pick<Library, 'findNewest'>
  readonly lifecycle: Pick<RoundLifecycle, 'startRounds' | 'endRounds'>
  readonly notifier: LessonNotifier
  readonly now: () => Date
}

/** What a change of pairs leaves to be done after its transaction. */
interface Regrouping {
  readonly session: Session
  readonly former: readonly Pair[]
  readonly stale: readonly Round[]
  readonly pairs: readonly Pair[]
  readonly opened: readonly Round[]
}

export function createMoving({ prisma, library, lifecycle, notifier, now }: MovingDeps): Moving {
  const { createPairs } = createPairRows({ library, now })

  const regroup = async (
    tx: Prisma.TransactionClient,
    session: Session,
    former: readonly Pair[],
    groups: readonly (readonly string[])[],
  ): Promise<Regrouping> => {
    const stale = await markDissolved(tx, former, now())
    return { session, former, stale, ...(await createPairs(tx, session, groups, former)) }
  }

  const finish = async ({ session, former, stale, pairs, opened }: Regrouping) => {
    await lifecycle.endRounds(stale, 'moved-on')
    await lifecycle.startRounds(session, opened)
    notifyPairsChanged(notifier, session.id, [...former, ...pairs])
  }

  const requireStudents = async (tx: Prisma.TransactionClient, sessionId: string, ids: readonly string[]) => {
    const here = { sessionId, builtIn: false, removedAt: null, id: { in: [...ids] } }
    if ((await tx.participant.count({ where: here })) !== ids.length)
      throw new ApiError('not-found', 'They are not all of this session.')
  }
  const findPairOf = (tx: Prisma.TransactionClient, id: string) =>
    tx.pair.findFirst({ where: { dissolvedAt: null, OR: whereMemberIn({ in: [id] }) } })

  return {
    async moveToPair(sessionId, id, pairId) {
      const change = await withRunningSession(prisma, sessionId, async (tx, session) => {
        await requireStudents(tx, sessionId, [id])
        const target = await tx.pair.findFirst({ where: { id: pairId, sessionId, dissolvedAt: null } })
        if (!target) throw new ApiError('not-found', 'There is no such pair.')
        if (memberIds(target).includes(id)) throw new ApiError('malformed', 'This student is in that pair.')
        const builtIn = await ensureBuiltInPartner(tx, sessionId, now())
        const joined = [...memberIds(target).filter((member) => member !== builtIn), id]
        if (joined.length > 3) throw new ApiError('conflict', 'This pair has three students already.')
        const source = await findPairOf(tx, id)
        const left = source ? memberIds(source).filter((member) => member !== id && member !== builtIn) : []
        const groups = left.length === 0 ? [joined] : [joined, left.length === 1 ? [...left, builtIn] : left]
        return regroup(tx, session, source ? [source, target] : [target], groups)
      })
      await finish(change)
    },

    async tradePlaces(sessionId, id, otherId) {
      const change = await withRunningSession(prisma, sessionId, async (tx, session) => {
        if (id === otherId) throw new ApiError('malformed', 'Two students trade places.')
        await requireStudents(tx, sessionId, [id, otherId])
        const [mine, theirs] = [await findPairOf(tx, id), await findPairOf(tx, otherId)]
        if (mine?.id === theirs?.id) throw new ApiError('malformed', 'They are in the same pair, or both have none.')
        const traded = (member: string) => (member === id ? otherId : member === otherId ? id : member)
        const former = [mine, theirs].filter((pair) => pair !== null)
        return regroup(
          tx,
          session,
          former,
          former.map((pair) => memberIds(pair).map(traded)),
        )
      })
      await finish(change)
    },
  }
}
