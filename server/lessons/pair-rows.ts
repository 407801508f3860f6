/** Creates and dissolves the rows of pairs, within the transactions that decide who plays with whom. */
import { newId } from '../base/ids.ts'
import type { Pair, Prisma, Round, Session } from '../generated/prisma/client.ts'
import { createFirstLegs } from './lesson-store-prisma.ts'
import { formatReference, type Library } from './library.ts'
import { exerciseGoneError, playlistOf } from './session-rows.ts'

export interface PairRowsDeps {
  readonly library: Pick<Library, 'findNewest'>
  readonly now: () => Date
}

export interface PairRows {
  /**
   * Creates a pair of each of these groups of two or three, and their first rounds if an exercise is open; these are to be started.
   * Rejects with `not-found` if the server no longer has that exercise.
   */
  createPairs(
    tx: Prisma.TransactionClient,
    session: Session,
    groups: readonly (readonly string[])[],
  ): Promise<{ pairs: Pair[]; opened: Round[] }>
}

export function createPairRows({ library, now }: PairRowsDeps): PairRows {
  /** Creates the rows of these pairs' rounds at the session's position; none if no exercise is open. */
  const openFor = async (tx: Prisma.TransactionClient, session: Session, pairs: readonly Pair[]): Promise<Round[]> => {
    const { position } = session
    if (position === null || pairs.length === 0) return []
    const id = playlistOf(session)[position] ?? ''
    const exercise = await library.findNewest(id, tx)
    if (!exercise) throw exerciseGoneError(id)
    return createFirstLegs(tx, { session, position, pairs, exercise: formatReference(exercise), now: now() })
  }

  return {
    async createPairs(tx, session, groups) {
      const { _max } = await tx.pair.aggregate({ where: { sessionId: session.id }, _max: { number: true } })
      const last = _max.number ?? 0
      const pairs = await tx.pair.createManyAndReturn({
        data: groups.map(([firstId = '', secondId = '', thirdId = null], i) => {
          return { id: newId(), sessionId: session.id, number: last + 1 + i, firstId, secondId, thirdId, createdAt: now() }
        }),
      })
      return { pairs, opened: await openFor(tx, session, pairs) }
    },
  }
}

/** Dissolves these pairs and returns their unfinished rounds, which are to be ended. */
export async function markDissolved(tx: Prisma.TransactionClient, pairs: readonly Pair[], now: Date): Promise<Round[]> {
  const ids = { in: pairs.map((pair) => pair.id) }
  await tx.pair.updateMany({ where: { id: ids }, data: { dissolvedAt: now } })
  return tx.round.findMany({ where: { pairId: ids, endedAt: null } })
}
