/** Rounds to be shown again. A log holds what both seats saw and tried: only the teacher has it before the round is over. */
import type { Replay } from '../contract/http.ts'
import type { AnySeat } from '../protocol/world/exercise.ts'
import type { Auth, ReplayLink } from './auth.ts'
import type { Library } from './library.ts'
import { Failed } from './failed.ts'
import type { Participant, PrismaClient } from './generated/prisma/client.ts'
import type { Rooms } from './rooms.ts'

export interface Replays {
  /** For one of the round: a seat of it, or its teacher (null). Rejects with `not-over` or `not-released` for a seat. */
  ofRound(roundId: string, seat: AnySeat | null): Promise<Replay>
  /** For anyone with the link. Rejects with `not-found`, `not-over` or `not-released`. */
  byToken(token: string): Promise<Replay>
}

export interface ReplaysDeps {
  readonly prisma: PrismaClient
  readonly library: Pick<Library, 'played'>
  readonly rounds: Pick<Rooms, 'world' | 'entries'>
  readonly auth: Pick<Auth, 'replayToken' | 'replayLink'>
}

export function createReplays({ prisma, library, rounds, auth }: ReplaysDeps): Replays {
  /** Rejects where the round is not open to its seats and to links. */
  const holdOpen = async (roundId: string): Promise<void> => {
    const world = await rounds.world(roundId)
    if (!world?.over) throw new Failed('not-over', 'The round is still being played.')
    if (world.script.level === 'exam') throw new Failed('not-released', 'The results of this exam have not been released.')
  }

  const read = async ({ round: roundId, names }: ReplayLink, reader: 'teacher' | 'anyone'): Promise<Omit<Replay, 'links'>> => {
    const round = await prisma.round.findUnique({ where: { id: roundId }, include: { client: true, server: true } })
    if (!round) throw new Failed('not-found', 'There is no such round.')
    if (reader === 'anyone') await holdOpen(roundId)
    const exercise = await library.played(round.exercise)
    return {
      exercise: exercise ? { title: exercise.title, point: exercise.point } : null,
      names: names ? { client: nameOf(round.client), server: nameOf(round.server) } : null,
      entries: await rounds.entries(roundId),
    }
  }

  return {
    async ofRound(round, seat) {
      const replay = await read({ round, names: true }, seat ? 'anyone' : 'teacher')
      const link = (names: boolean) => auth.replayToken({ round, names })
      return { ...replay, links: { named: link(true), nameless: link(false) } }
    },

    async byToken(token) {
      const link = auth.replayLink(token)
      if (!link) throw new Failed('not-found', 'There is no such link.')
      return { ...(await read(link, 'anyone')), links: null }
    },
  }
}

const nameOf = ({ name, builtIn }: Participant): string | null => (builtIn ? null : name)
