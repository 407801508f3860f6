/**
 * The rounds of a session with their facts. The facts of each round are read once for each length of its log and kept, so that asking
 * again while 150 pairs play costs little.
 */
import { readRoundFacts, type RoundFacts } from '../../protocol/round/insights/round-facts.ts'
import type { Pair, Participant, PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import type { RoundLog } from '../rounds/log.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { PlayedRound } from './insight-summary.ts'
import { sessionNotFoundError } from './session-rows.ts'

/** A session with its people, without the built-in partner, by name. */
export type SessionRows = Session & { readonly participants: readonly Participant[]; readonly pairs: readonly Pair[] }
export interface PlayedRow {
  readonly row: Round
  readonly played: PlayedRound
}

export interface PlayedRounds {
  /**
   * The rounds that have begun, in the order in which they were played; all of the session, or those at one position of the playlist.
   * Rejects with `not-found`.
   */
  read(sessionId: string, position?: number): Promise<{ session: SessionRows; rounds: readonly PlayedRow[] }>
}

export interface PlayedRoundsDeps {
  readonly prisma: PrismaClient
  readonly rounds: Pick<Rounds, 'readEntries'>
  readonly log: Pick<RoundLog, 'read'>
}

/** Maximum number of rounds whose facts are kept, some 2 kB each. */
const MAX_CACHED_ROUNDS = 10_000
/** Rounds whose logs are read at the same time, to limit memory. */
const ROUND_BATCH_SIZE = 50

export function createPlayedRounds({ prisma, rounds, log }: PlayedRoundsDeps): PlayedRounds {
  /** The facts of rounds, by id. Those of a round that is over do not change any more. */
  const factsCache = new Map<string, RoundFacts>()

  /** A round's facts; null before its first entry. */
  const readFacts = async ({ id, endedAt }: Round): Promise<RoundFacts | null> => {
    const known = factsCache.get(id)
    if (known?.over) return known
    // A round that is over is read from the log, so that it is not loaded into memory with all its views.
    const entries = endedAt ? await log.read(id) : await rounds.readEntries(id)
    if (known?.entryCount === entries.length) return known
    const facts = readRoundFacts(entries)
    if (factsCache.size >= MAX_CACHED_ROUNDS) factsCache.clear()
    if (facts) factsCache.set(id, facts)
    return facts
  }

  return {
    async read(sessionId, position) {
      const session = await prisma.session.findUnique({
        where: { id: sessionId },
        include: {
          participants: { where: { builtIn: false }, orderBy: [{ name: 'asc' }, { id: 'asc' }] },
          pairs: true,
          rounds: {
            where: position === undefined ? {} : { position },
            orderBy: [{ createdAt: 'asc' }, { leg: 'asc' }, { id: 'asc' }],
          },
        },
      })
      if (!session) throw sessionNotFoundError()
      const people = new Set(session.participants.map(({ id }) => id))
      const student = (id: string) => (people.has(id) ? id : null)
      const all: PlayedRow[] = []
      for (let from = 0; from < session.rounds.length; from += ROUND_BATCH_SIZE) {
        const batch = session.rounds.slice(from, from + ROUND_BATCH_SIZE)
        const facts = await Promise.all(batch.map(readFacts))
        batch.forEach((row, i) => {
          const students = { client: student(row.clientId), server: student(row.serverId) }
          if (facts[i]) all.push({ row, played: { id: row.id, position: row.position, facts: facts[i], students } })
        })
      }
      return { session, rounds: all }
    },
  }
}
