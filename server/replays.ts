/** Rounds to be shown again. A log holds what both seats saw and tried: only the teacher has it before the round is over. */
import { withoutSecrets } from '../protocol/world/secrets.ts'
import type { Replay, ReplayLinks } from '../contract/http.ts'
import { type AnySeat, titledScenes } from '../protocol/world/exercise.ts'
import type { Auth } from './auth.ts'
import type { Library } from './library.ts'
import { Failed } from './failed.ts'
import type { Participant, PrismaClient } from './generated/prisma/client.ts'
import type { Rooms } from './rooms.ts'

export interface Replays {
  /** For one of the round: a seat of it, or its teacher (null). Rejects with `not-over` or `not-released` for a seat. */
  ofRound(roundId: string, seat: AnySeat | null): Promise<Replay>
  /** The links given out so far open nothing any more; others take their place. Rejects as `ofRound` does. */
  revoke(roundId: string, seat: AnySeat | null): Promise<ReplayLinks>
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
  const linksTo = (round: string, revoked: number): ReplayLinks => ({
    named: auth.replayToken({ round, names: true, revoked }),
    nameless: auth.replayToken({ round, names: false, revoked }),
  })

  /** Rejects where there is no such round, or it is not open to this reader. */
  const find = async (id: string, reader: 'teacher' | 'anyone') => {
    const round = await prisma.round.findUnique({ where: { id }, include: { client: true, server: true, session: true } })
    if (!round) throw new Failed('not-found', 'There is no such round.')
    const world = await rounds.world(id)
    const shut = !world?.over
      ? new Failed('not-over', 'The round is still being played.')
      : world.script.level === 'exam' && !round.session.releasedAt
        ? new Failed('not-released', 'The results of this exam have not been released.')
        : null
    if (shut && reader === 'anyone') throw shut
    return { round, open: shut === null }
  }

  const read = async (roundId: string, names: boolean, reader: 'teacher' | 'anyone'): Promise<Replay & { links: ReplayLinks }> => {
    const { round, open } = await find(roundId, reader)
    const exercise = await library.played(round.exercise)
    const entries = await rounds.entries(roundId)
    const over = entries.some(({ effects }) => effects.some(({ is }) => is === 'over'))
    return {
      exercise: exercise ? { title: exercise.title, point: exercise.point, scenes: titledScenes(exercise) } : null,
      // Whoever practises alone has no name.
      names: names && round.session.teacherId !== null ? { client: nameOf(round.client), server: nameOf(round.server) } : null,
      links: linksTo(roundId, round.revoked),
      open,
      entries: over ? entries : entries.map(withoutSecrets),
    }
  }

  return {
    ofRound: (round, seat) => read(round, true, seat ? 'anyone' : 'teacher'),

    async revoke(id, seat) {
      await find(id, seat ? 'anyone' : 'teacher')
      const { revoked } = await prisma.round.update({ where: { id }, data: { revoked: { increment: 1 } } })
      return linksTo(id, revoked)
    },

    async byToken(token) {
      const link = await auth.replayLink(token, async (id) => {
        const round = await prisma.round.findUnique({ where: { id }, select: { revoked: true } })
        return round?.revoked ?? null
      })
      if (!link) throw new Failed('not-found', 'There is no such link.')
      return { ...(await read(link.round, link.names, 'anyone')), links: null }
    },
  }
}

const nameOf = ({ name, builtIn }: Participant): string | null => (builtIn ? null : name)
