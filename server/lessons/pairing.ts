/** Pairing: who plays with whom. */
import { isDeepStrictEqual } from 'node:util'
import type { Pairing as PairingWish } from '../../contract/requests.ts'
import { ApiError } from '../base/api-error.ts'
import type { Pair, Prisma, PrismaClient, Session } from '../generated/prisma/client.ts'
import type { Presence } from '../nodes/presence.ts'
import { ensureBuiltInPartner } from './built-in-partner.ts'
import { readCurrentRounds } from './lesson-store-prisma.ts'
import type { Library } from './library.ts'
import { matchAtRandom } from './matching.ts'
import { notifyPairsChanged, type LessonNotifier } from './notifier.ts'
import { createPairRows, markDissolved } from './pair-rows.ts'
import type { RoundLifecycle } from './round-lifecycle.ts'
import { withRunningSession } from './session-lock.ts'
import { memberIds, whereMemberIn } from './session-rows.ts'

/**
 * Changes of the pairs of a running session. All methods reject with `not-found` or `session-ended`, `makePair` also with
 * `malformed`.
 */
export interface Pairing {
  /**
   * Pairs at random everybody who is present and either has no pair, or is paired with the built-in partner and has nothing to
   * play. Former partners are kept apart if possible. With an odd number, the one who is left over gets the built-in partner, or
   * the wire of one of the new pairs.
   */
  pairPresent(sessionId: string, odd?: PairingWish['odd']): Promise<void>
  /**
   * Makes one pair of these participants, who leave their previous pairs: two, three of whom one has the wire, or one with the
   * built-in partner.
   */
  makePair(sessionId: string, members: readonly string[]): Promise<void>
  dissolvePair(sessionId: string, pairId: string): Promise<void>
}

export interface PairingDeps {
  readonly prisma: PrismaClient
  readonly library: Pick<Library, 'findNewest'>
  readonly presence: Pick<Presence, 'isPresent'>
  readonly lifecycle: RoundLifecycle
  readonly notifier: LessonNotifier
  readonly now: () => Date
  /** Numbers in [0, 1). */
  readonly random: () => number
}

export function createPairing({ prisma, library, presence, lifecycle, notifier, now, random }: PairingDeps): Pairing {
  const { createPairs } = createPairRows({ library, now })

  /** The pairs with the built-in partner that have nothing to play. */
  const findIdleSoloPairs = async (tx: Prisma.TransactionClient, session: Session): Promise<Pair[]> => {
    const pairs = await tx.pair.findMany({
      where: {
        sessionId: session.id,
        dissolvedAt: null,
        OR: [{ first: { builtIn: true } }, { second: { builtIn: true } }],
      },
      include: { session: true },
    })
    const rounds = await readCurrentRounds(tx, pairs)
    return pairs.filter(({ id }) => !rounds.has(id) || rounds.get(id)?.endedAt)
  }

  return {
    async pairPresent(sessionId, odd = 'built-in') {
      const { session, formerPairs, pairs, opened } = await withRunningSession(prisma, sessionId, async (tx, session) => {
        const everybody = await tx.participant.findMany({
          where: { sessionId, builtIn: false, removedAt: null },
          select: { id: true, simulated: true },
        })
        const idle = await findIdleSoloPairs(tx, session)
        await markDissolved(tx, idle, now())
        const all = await tx.pair.findMany({ where: { sessionId }, orderBy: { number: 'asc' } })
        const paired = new Set(all.filter((pair) => !pair.dissolvedAt).flatMap(memberIds))
        const lastPartner = new Map(
          all.flatMap(({ firstId, secondId }) => [[firstId, secondId] as const, [secondId, firstId] as const]),
        )
        const present = everybody.filter(({ id, simulated }) => simulated || presence.isPresent(id))
        const free = present.map(({ id }) => id).filter((id) => !paired.has(id))
        const matches = matchAtRandom(free, (a, b) => lastPartner.get(a) === b || lastPartner.get(b) === a, random)
        const met = new Set(matches.flat())
        const [oddOne] = free.filter((id) => !met.has(id))
        const [first, ...others] = matches
        const groups: (readonly string[])[] =
          oddOne === undefined
            ? matches
            : odd === 'network' && first
              ? [[...first, oddOne], ...others]
              : [...matches, [oddOne, await ensureBuiltInPartner(tx, sessionId, now())]]
        return { session, formerPairs: idle, ...(await createPairs(tx, session, groups)) }
      })
      await lifecycle.startRounds(session, opened)
      notifyPairsChanged(notifier, sessionId, [...formerPairs, ...pairs])
    },

    async makePair(sessionId, people) {
      if (new Set(people).size < people.length) throw new ApiError('malformed', 'A pair is of different people.')
      const { session, formerPairs, stale, pairs, opened } = await withRunningSession(prisma, sessionId, async (tx, session) => {
        const among = { in: [...people] }
        const here = await tx.participant.count({ where: { sessionId, builtIn: false, removedAt: null, id: among } })
        if (here !== people.length) throw new ApiError('not-found', 'They are not all of this session.')
        const members = people.length > 1 ? people : [...people, await ensureBuiltInPartner(tx, sessionId, now())]
        const formerPairs = await tx.pair.findMany({ where: { dissolvedAt: null, OR: whereMemberIn(among) } })
        const already = formerPairs.some((pair) => isDeepStrictEqual(memberIds(pair).sort(), [...members].sort()))
        if (already) return { session, formerPairs: [], stale: [], pairs: [], opened: [] }
        return {
          session,
          formerPairs,
          stale: await markDissolved(tx, formerPairs, now()),
          ...(await createPairs(tx, session, [members], formerPairs)),
        }
      })
      await lifecycle.endRounds(stale, 'moved-on')
      await lifecycle.startRounds(session, opened)
      notifyPairsChanged(notifier, sessionId, [...formerPairs, ...pairs])
    },

    async dissolvePair(sessionId, pairId) {
      const { formerPairs, stale } = await withRunningSession(prisma, sessionId, async (tx) => {
        const formerPairs = await tx.pair.findMany({ where: { id: pairId, sessionId, dissolvedAt: null } })
        if (formerPairs.length === 0) throw new ApiError('not-found', 'There is no such pair.')
        return { formerPairs, stale: await markDissolved(tx, formerPairs, now()) }
      })
      await lifecycle.endRounds(stale, 'moved-on')
      notifyPairsChanged(notifier, sessionId, formerPairs)
    },
  }
}
