/** The rounds of a session with their facts. */
import type { Pair, Participant, PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import type { PlayedRound } from './insight-summary.ts'
import type { RoundFactsReader } from './round-facts-reader.ts'
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
  readonly facts: Pick<RoundFactsReader, 'read'>
}

export function createPlayedRounds({ prisma, facts }: PlayedRoundsDeps): PlayedRounds {
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
      const read = await facts.read(session.rounds)
      const all = session.rounds.flatMap((row, i): PlayedRow[] => {
        const students = { client: student(row.clientId), server: student(row.serverId) }
        return read[i] ? [{ row, played: { id: row.id, position: row.position, facts: read[i], students } }] : []
      })
      return { session, rounds: all }
    },
  }
}
