/** Replays of rounds. A log contains what both seats saw and tried, so only the teacher may read it before the round is over. */
import type { SeatOrNetwork } from '../../protocol/seat.ts'
import { redactSecrets } from '../../protocol/round/view/redact-secrets.ts'
import type { Replay, ReplayLinks } from '../../contract/answers.ts'
import { titledScenes } from '../../protocol/round/model/exercise.ts'
import type { Auth, ReplayLinkAuthor, Revocations } from '../identity/auth.ts'
import type { Library } from './library.ts'
import { ApiError } from '../base/api-error.ts'
import type { Participant, PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import type { Rounds } from '../rounds/rounds.ts'

/** Replays of rounds, and the links to them. */
export interface Replays {
  /**
   * The replay for a participant of the round (`seat`) or its teacher (null). Rejects with `not-found`, for a seat also with
   * `not-over` or `not-released`.
   */
  readReplay(roundId: string, seat: SeatOrNetwork | null): Promise<Replay>
  /**
   * Invalidates the links that this seat has been given, or all links if its teacher asks or somebody who practises alone. Returns new
   * ones. Rejects as `readReplay` does.
   */
  revokeLinks(roundId: string, seat: SeatOrNetwork | null): Promise<ReplayLinks>
  /** The token of a nameless link to a replay, as its teacher would share it. It opens once the replay may be shown to anyone. */
  createNamelessToken(round: Round): string
  /** The replay for anyone with the link. Rejects with `not-found`, `not-over` or `not-released`. */
  readReplayByToken(token: string): Promise<Replay>
}

export interface ReplaysDeps {
  readonly prisma: PrismaClient
  readonly library: Pick<Library, 'findByReference'>
  readonly rounds: Pick<Rounds, 'readWorld' | 'readEntries'>
  readonly auth: Pick<Auth, 'createReplayToken' | 'verifyReplayToken'>
}

export function createReplays({ prisma, library, rounds, auth }: ReplaysDeps): Replays {
  const createLinks = (round: Round, author: ReplayLinkAuthor): ReplayLinks => {
    const link = { round: round.id, author, revocations: revocationsOf(round) }
    return {
      named: auth.createReplayToken({ ...link, names: true }),
      nameless: auth.createReplayToken({ ...link, names: false }),
    }
  }

  /** Finds a round, and whether its links are open. Rejects if there is no such round, or this reader may not see it yet. */
  const findRound = async (id: string, reader: 'teacher' | 'anyone') => {
    const round = await prisma.round.findUnique({ where: { id }, include: { client: true, server: true, session: true } })
    if (!round) throw new ApiError('not-found', 'There is no such round.')
    const world = await rounds.readWorld(id)
    const denial = !world?.over
      ? new ApiError('not-over', 'The round is still being played.')
      : world.script.level === 'exam' && !round.session.releasedAt
        ? new ApiError('not-released', 'The results of this exam have not been released.')
        : null
    if (denial && reader === 'anyone') throw denial
    return { round, open: denial === null }
  }

  const buildReplay = async (
    roundId: string,
    names: boolean,
    reader: 'teacher' | 'anyone',
    seat: SeatOrNetwork | null,
  ): Promise<Replay & { links: ReplayLinks }> => {
    const { round, open } = await findRound(roundId, reader)
    const exercise = await library.findByReference(round.exercise)
    const entries = await rounds.readEntries(roundId)
    const over = entries.some(({ effects }) => effects.some(({ kind }) => kind === 'over'))
    return {
      exercise: exercise ? { title: exercise.title, point: exercise.point, scenes: titledScenes(exercise) } : null,
      // Learners who practise alone have no names.
      names:
        names && round.session.teacherId !== null ? { client: displayName(round.client), server: displayName(round.server) } : null,
      links: createLinks(round, authorOf(round.session, seat)),
      open,
      entries: over ? entries : entries.map(redactSecrets),
    }
  }

  return {
    readReplay: (round, seat) => buildReplay(round, true, seat ? 'anyone' : 'teacher', seat),

    createNamelessToken: (round) => createLinks(round, 'owner').nameless,

    async revokeLinks(id, seat) {
      const { round } = await findRound(id, seat ? 'anyone' : 'teacher')
      const author = authorOf(round.session, seat)
      return createLinks(await prisma.round.update({ where: { id }, data: { [COUNTERS[author]]: { increment: 1 } } }), author)
    },

    async readReplayByToken(token) {
      const link = await auth.verifyReplayToken(token, async (id) => {
        const round = await prisma.round.findUnique({ where: { id } })
        return round && revocationsOf(round)
      })
      if (!link) throw new ApiError('not-found', 'There is no such link.')
      return { ...(await buildReplay(link.round, link.names, 'anyone', null)), links: null }
    },
  }
}

/** The column that counts the revocations by each author. */
const COUNTERS = {
  owner: 'revoked',
  client: 'revokedByClient',
  server: 'revokedByServer',
  network: 'revokedByNetwork',
} as const satisfies Record<ReplayLinkAuthor, keyof Round>

const revocationsOf = (round: Round): Revocations => ({
  owner: round.revoked,
  client: round.revokedByClient,
  server: round.revokedByServer,
  network: round.revokedByNetwork,
})

const authorOf = ({ teacherId }: Session, seat: SeatOrNetwork | null): ReplayLinkAuthor =>
  teacherId === null ? 'owner' : (seat ?? 'owner')

const displayName = ({ name, builtIn }: Participant): string | null => (builtIn ? null : name)
