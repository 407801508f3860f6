/** Queries for the teacher's board. They only read, and take a fixed number of queries for any number of people. */
import type { Board, ParticipantInfo, SessionInfo, Tile, TileRound } from '../../contract/answers.ts'
import type { PrismaClient, Round } from '../generated/prisma/client.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { toDisplayNames } from './display-names.ts'
import { readCurrentRounds } from './lesson-store-prisma.ts'
import { buildTileRound, type RoundInfo } from './tiles.ts'
import {
  legOf,
  legsOf,
  memberIds,
  membersOf,
  sessionNotFoundError,
  toSessionInfo,
  WITH_MEMBERS,
  type PairWithMembers,
} from './session-rows.ts'

/** The queries for the teacher's board. */
export interface BoardQueries {
  /** Rejects with `not-found`. */
  readBoard(sessionId: string): Promise<Board>
  /** Rejects with `not-found`. */
  readSession(sessionId: string): Promise<SessionInfo>
  /** The tiles of all pairs, or of the given ones, ordered by the pairs' numbers. */
  readTiles(sessionId: string, pairIds?: readonly string[]): Promise<Tile[]>
  /** All participants of a session, in the order in which they joined. */
  readParticipants(sessionId: string): Promise<ParticipantInfo[]>
  /** The members of its course who have not entered a roster session, by display name; none of an open one. */
  readMissing(sessionId: string): Promise<string[]>
  /** The properties of a round that never change; null if there is no such round. */
  readRound(roundId: string): Promise<RoundInfo | null>
}

export interface BoardQueriesDeps {
  readonly prisma: PrismaClient
  readonly rounds: Pick<Rounds, 'readWorld' | 'readEntries'>
  readonly presence: Pick<Presence, 'isPresent'>
  readonly now: () => Date
}

export function createBoardQueries({ prisma, rounds, presence, now }: BoardQueriesDeps): BoardQueries {
  /** A round's part of its pair's tile; null before its first entry. */
  const readTileRound = async (round: RoundInfo): Promise<TileRound | null> => {
    const world = await rounds.readWorld(round.id)
    const entries = await rounds.readEntries(round.id)
    return world && buildTileRound(round, world, entries.slice(0, world.entryCount))
  }

  const readSession: BoardQueries['readSession'] = async (id) => {
    const session = await prisma.session.findUnique({ where: { id, deletedAt: null } })
    if (!session) throw sessionNotFoundError()
    return toSessionInfo(session)
  }

  const readTiles: BoardQueries['readTiles'] = async (sessionId, pairIds) => {
    const pairs = await prisma.pair.findMany({
      where: { sessionId, dissolvedAt: null, ...(pairIds ? { id: { in: [...pairIds] } } : {}) },
      include: WITH_MEMBERS,
      orderBy: { number: 'asc' },
    })
    const latest = await readCurrentRounds(prisma, pairs)
    return Promise.all(
      pairs.map(async (pair) => {
        const round = latest.get(pair.id)
        return { ...toPairInfo(pair), round: round ? await readTileRound(toRoundInfo(round, pair)) : null }
      }),
    )
  }

  const readParticipants: BoardQueries['readParticipants'] = async (sessionId) => {
    const [participants, pairs] = await Promise.all([
      prisma.participant.findMany({
        where: { sessionId, builtIn: false, removedAt: null },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      }),
      prisma.pair.findMany({ where: { sessionId, dissolvedAt: null } }),
    ])
    const pairOf = new Map(pairs.flatMap((pair) => memberIds(pair).map((id) => [id, pair.id])))
    const nameOf = new Map(participants.map(({ id, name }) => [id, name]))
    return participants.map(({ id, name, simulated, handRaisedAt, claimedId }) => ({
      id,
      name,
      present: simulated || presence.isPresent(id),
      pair: pairOf.get(id) ?? null,
      hand: handRaisedAt !== null,
      claims: claimedId === null ? null : (nameOf.get(claimedId) ?? null),
    }))
  }

  const readMissing: BoardQueries['readMissing'] = async (sessionId) => {
    const session = await prisma.session.findUnique({ where: { id: sessionId }, select: { courseId: true, kind: true } })
    if (session?.kind !== 'roster' || session.courseId === null) return []
    const members = await prisma.member.findMany({
      where: { courseId: session.courseId, removedAt: null },
      include: { participants: { where: { sessionId, removedAt: null }, select: { id: true } } },
      orderBy: { number: 'asc' },
    })
    const names = toDisplayNames(members)
    return names.filter((_, i) => members[i]?.participants.length === 0)
  }

  return {
    readSession,
    readMissing,
    readTiles,
    readParticipants,
    async readRound(roundId) {
      const round = await prisma.round.findUnique({ where: { id: roundId }, include: { pair: { include: WITH_MEMBERS } } })
      return round && toRoundInfo(round, round.pair)
    },
    async readBoard(sessionId) {
      const [session, tiles, participants, missing] = await Promise.all([
        readSession(sessionId),
        readTiles(sessionId),
        readParticipants(sessionId),
        readMissing(sessionId),
      ])
      return { session, tiles, participants, missing, now: now().toISOString() }
    },
  }
}

const toRoundInfo = (round: Round, pair: PairWithMembers): RoundInfo => ({
  id: round.id,
  session: pair.sessionId,
  pair: toPairInfo(pair),
  leg: legOf(round),
  legs: legsOf(pair.session),
  client: round.clientId,
  server: round.serverId,
  network: round.networkId,
})

const toPairInfo = (pair: PairWithMembers): Omit<Tile, 'round'> => ({
  pair: pair.id,
  number: pair.number,
  message: pair.message,
  members: membersOf(pair).map(({ id, name, builtIn }) => ({ id, name: builtIn ? null : name })),
})
