/** Creates and dissolves the rows of pairs, within the transactions that decide who plays with whom. */
import { newId } from '../base/ids.ts'
import type { Pair, Prisma, Round, Session } from '../generated/prisma/client.ts'
import { createFirstLegs } from './lesson-store-prisma.ts'
import { formatReference, type Library } from './library.ts'
import { exerciseGoneError, memberIds, playlistOf, positionOf } from './session-rows.ts'

export interface PairRowsDeps {
  readonly library: Pick<Library, 'findNewest'>
  readonly now: () => Date
}

export interface PairRows {
  /**
   * Creates a pair of each of these groups of two or three, and their first rounds if an exercise is open; these are to be started. Where
   * everybody plays at their own pace, a pair begins where that one of its members was who had come less far in their pair of before
   * (`former`).
   */
  createPairs(
    tx: Prisma.TransactionClient,
    session: Session,
    groups: readonly (readonly string[])[],
    former?: readonly Pair[],
  ): Promise<{ pairs: Pair[]; opened: Round[] }>
}

export function createPairRows({ library, now }: PairRowsDeps): PairRows {
  return {
    async createPairs(tx, session, groups, former = []) {
      const sessionId = session.id
      const { _max } = await tx.pair.aggregate({ where: { sessionId }, _max: { number: true } })
      const last = _max.number ?? 0
      const builtIn = await tx.participant.findFirst({ where: { sessionId, builtIn: true }, select: { id: true } })
      const startOf = (group: readonly string[]): number | null => {
        const students = group.filter((id) => id !== builtIn?.id)
        const left = former.filter((pair) => memberIds(pair).some((id) => students.includes(id)))
        const positions = left.map((pair) => positionOf(pair, session)).filter((position) => position !== null)
        return session.pace === 'own' && positions.length > 0 ? Math.min(...positions) : null
      }
      const pairs = await tx.pair.createManyAndReturn({
        data: groups.map((group, i) => {
          const [firstId = '', secondId = '', thirdId = null] = group
          const row = { id: newId(), sessionId, number: last + 1 + i, firstId, secondId, thirdId, createdAt: now() }
          return { ...row, position: startOf(group) }
        }),
      })
      const opened = await openWhereTheyAre({ tx, session, pairs, library, now: now() })
      const unopened = pairs.find(({ id }) => !opened.some(({ pairId }) => pairId === id))
      const position = unopened ? positionOf(unopened, session) : null
      if (position !== null) throw exerciseGoneError(playlistOf(session)[position] ?? '')
      return { pairs, opened }
    },
  }
}

/** Creates the rows of these pairs' rounds, each at its pair's position; none if no exercise is open, or the server no longer has it. */
export async function openWhereTheyAre(opening: {
  tx: Prisma.TransactionClient
  session: Session
  pairs: readonly Pair[]
  library: Pick<Library, 'findNewest'>
  now: Date
}): Promise<Round[]> {
  const { tx, session, pairs, library, now } = opening
  const positions = new Set(pairs.map((pair) => positionOf(pair, session)).filter((position) => position !== null))
  const opened: Round[] = []
  for (const position of positions) {
    const exercise = await library.findNewest(playlistOf(session)[position] ?? '', tx)
    if (!exercise) continue
    const here = pairs.filter((pair) => positionOf(pair, session) === position)
    opened.push(...(await createFirstLegs(tx, { session, position, pairs: here, exercise: formatReference(exercise), now })))
  }
  return opened
}

/** Dissolves these pairs and returns their unfinished rounds, which are to be ended. */
export async function markDissolved(tx: Prisma.TransactionClient, pairs: readonly Pair[], now: Date): Promise<Round[]> {
  const ids = { in: pairs.map((pair) => pair.id) }
  await tx.pair.updateMany({ where: { id: ids }, data: { dissolvedAt: now } })
  return tx.round.findMany({ where: { pairId: ids, endedAt: null } })
}
