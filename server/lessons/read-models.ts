/** What the classroom tells: where a student is, and the teacher's board. Reads only, and a fixed number of queries for any number of people. */
import type { Seat } from '../../protocol/seat.ts'
import type {
  Board,
  ParticipantInfo,
  Place,
  RoundPlace,
  ScenePlace,
  SessionInfo,
  Tile,
  TileRound,
  Trust,
  WirePlace,
} from '../../contract/events.ts'
import { EPOCH_MS, getIdentity, type IdentityId, REVOCATIONS, TRUSTED_AUTHORITIES } from '../../exercises/certificates.ts'
import { listCertificateFacts } from '../../protocol/tls/watch/message-facts.ts'
import { type Exercise, type Level, type Scene, titledScenes } from '../../protocol/round/model/exercise.ts'
import type { Partner } from '../../protocol/round/model/script.ts'
import { buildTileRound, type RoundInfo } from './tiles.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { Library } from './library.ts'
import { ApiError } from '../base/api-error.ts'
import type { Pair, Participant, Prisma, PrismaClient, Round, Session } from '../generated/prisma/client.ts'

export interface ReadDeps {
  readonly prisma: PrismaClient
  readonly library: Library
  readonly presence: Pick<Presence, 'isPresent' | 'countPresent'>
  readonly now: () => Date
  readonly rounds: Pick<Rounds, 'readWorld' | 'readEntries'>
}

export const levelOf = (session: Session): Level => session.level as Level
export const partnerOf = (session: Session): Partial<Partner> => session.partner as Partial<Partner>
export const playlistOf = (session: Session): string[] => session.playlist as string[]

/** Legs count on when an exercise is opened again: the odd ones begin it, the even ones are played with seats swapped. */
export const legOf = ({ leg }: Round): 1 | 2 => (leg % 2 === 1 ? 1 : 2)
export const legsOf = (session: Session): 1 | 2 => (session.swap ? 2 : 1)
/** The exercise's id out of `id@version`. */
export const exerciseIdOf = ({ exercise }: Round): string => exercise.slice(0, exercise.lastIndexOf('@'))

export const toSessionInfo = (session: Session): SessionInfo => ({
  id: session.id,
  code: session.code,
  title: session.title,
  level: levelOf(session),
  playlist: playlistOf(session),
  swap: session.swap,
  position: session.position,
  ended: session.endedAt !== null,
  released: session.releasedAt !== null,
  createdAt: session.createdAt.toISOString(),
})

/** Everybody of a pair: two, or three. */
export const memberIds = ({ firstId, secondId, thirdId }: Pair): string[] => [
  firstId,
  secondId,
  ...(thirdId === null ? [] : [thirdId]),
]
/** The pairs of which one of these is. */
export const whereMemberIn = (among: { in: string[] }) => [{ firstId: among }, { secondId: among }, { thirdId: among }]

const WITH_MEMBERS = { first: true, second: true, third: true, session: true } as const satisfies Prisma.PairInclude
type PairWithMembers = Pair & { first: Participant; second: Participant; third: Participant | null; session: Session }

const membersOf = ({ first, second, third }: PairWithMembers): Participant[] => [first, second, ...(third ? [third] : [])]

/** With whom a student plays, in this round or before the first; null: nobody, who has the wire. */
function partnerIdIn(pair: Pair, round: Round | undefined, id: string): string | null {
  const [one, other] = round ? [round.clientId, round.serverId] : [pair.firstId, pair.secondId]
  return id === one ? other : id === other ? one : null
}

/** The rounds that these pairs play, or have played last, at their sessions' positions. */
async function readCurrentRounds({ prisma }: ReadDeps, pairs: readonly PairWithMembers[]): Promise<Map<string, Round>> {
  const positionOf = new Map(pairs.map(({ id, session }) => [id, session.position]))
  const positions = new Set([...positionOf.values()].filter((position) => position !== null))
  const rounds = await prisma.round.findMany({
    where: { pairId: { in: [...positionOf.keys()] }, position: { in: [...positions] } },
    orderBy: { leg: 'asc' },
  })
  return new Map(rounds.filter(({ pairId, position }) => positionOf.get(pairId) === position).map((round) => [round.pairId, round]))
}

/** Where these students are. Ids of nobody are passed over. */
export async function readPlaces(deps: ReadDeps, ids: readonly string[]): Promise<Place[]> {
  const { prisma, library, presence } = deps
  const among = { in: [...ids] }
  const [participants, pairs] = await Promise.all([
    prisma.participant.findMany({ where: { id: among }, include: { session: true } }),
    prisma.pair.findMany({ where: { dissolvedAt: null, OR: whereMemberIn(among) }, include: WITH_MEMBERS }),
  ])
  const rounds = await readCurrentRounds(deps, pairs)
  const references = [...new Set([...rounds.values()].map(({ exercise }) => exercise))]
  const exercises = new Map(await Promise.all(references.map(async (each) => [each, await library.findByReference(each)] as const)))
  const pairOf = new Map(pairs.flatMap((pair) => memberIds(pair).map((id) => [id, pair])))

  return participants.map(({ id, name, session }): Place => {
    const pair = pairOf.get(id)
    const latest = pair && rounds.get(pair.id)
    const exercise = latest && exercises.get(latest.exercise)
    const played = latest && exercise && !latest.endedAt && !session.endedAt
    const round = played && latest.networkId !== id ? toRoundPlace(session, latest, exercise, id) : null
    const wire = played && latest.networkId === id ? toWirePlace(latest, exercise, membersOf(pair)) : null
    const partnerId = pair && partnerIdIn(pair, latest, id)
    const partner = pair && membersOf(pair).find((member) => member.id === partnerId)
    return {
      me: { id, name },
      session: {
        id: session.id,
        code: session.code,
        title: session.title,
        level: levelOf(session),
        ended: session.endedAt !== null,
        practice: session.teacherId === null,
        position: session.position,
        exercises: playlistOf(session).length,
        present: presence.countPresent(session.id),
      },
      waiting: round || wire ? null : session.endedAt ? 'ended' : !pair ? 'for-partner' : latest ? 'for-next' : 'for-start',
      partner: partner
        ? { name: partner.builtIn ? null : partner.name, present: partner.builtIn || presence.isPresent(partner.id) }
        : null,
      round,
      wire,
      replay: latest?.endedAt && (levelOf(session) !== 'exam' || session.releasedAt) ? latest.id : null,
    }
  })
}

function toRoundPlace(session: Session, round: Round, exercise: Exercise, participant: string): RoundPlace {
  const level = levelOf(session)
  const seat: Seat = round.clientId === participant ? 'client' : 'server'
  return {
    id: round.id,
    seat,
    leg: legOf(round),
    legs: legsOf(session),
    level,
    notation: level === 'exam' ? 'absolute' : exercise.notation,
    exercise: {
      id: exercise.id,
      title: exercise.title,
      point: exercise.point,
      scenes: exercise.scenes.map((scene) => toScenePlace(scene, seat)),
    },
  }
}

function toWirePlace(round: Round, exercise: Exercise, members: readonly Participant[]): WirePlace {
  const nameOf = (id: string) => {
    const member = members.find((each) => each.id === id)
    return !member || member.builtIn ? null : member.name
  }
  return {
    id: round.id,
    leg: legOf(round),
    exercise: { title: exercise.title, scenes: titledScenes(exercise) },
    names: { client: nameOf(round.clientId), server: nameOf(round.serverId) },
  }
}

const toScenePlace = ({ id, title, shown, rules, names, trace, tls, reads, ...scene }: Scene, seat: Seat): ScenePlace => ({
  id,
  ...(title ? { title } : {}),
  ...(shown ? { shown } : {}),
  ...(rules ? { rules } : {}),
  names,
  ...(trace ? { trace } : {}),
  windows: reads !== undefined,
  ...(tls ? { trust: TRUST_STORE } : {}),
  brief: scene.brief[seat],
  milestones: scene.milestones[seat].map(({ id, text }) => ({ id, text })),
  questions: (scene.questions?.[seat] ?? []).map(({ id, ask, choices, shows }) => ({
    id,
    ask,
    choices: choices.map(({ text }) => text),
    ...(shows ? { shows: getIdentity(shows as IdentityId).chain.flatMap(listCertificateFacts) } : {}),
  })),
})

const TRUST_STORE: Trust = { trusted: TRUSTED_AUTHORITIES.map(({ subject }) => subject), revoked: REVOCATIONS, epoch: EPOCH_MS }

/** The tiles of a session's pairs, or of some of them, in the order of their numbers. */
export async function readTiles(deps: ReadDeps, sessionId: string, pairIds?: readonly string[]): Promise<Tile[]> {
  const pairs = await deps.prisma.pair.findMany({
    where: { sessionId, dissolvedAt: null, ...(pairIds ? { id: { in: [...pairIds] } } : {}) },
    include: WITH_MEMBERS,
    orderBy: { number: 'asc' },
  })
  const rounds = await readCurrentRounds(deps, pairs)
  return Promise.all(
    pairs.map(async (pair) => {
      const round = rounds.get(pair.id)
      return { ...toPairInfo(pair), round: round ? await readTileRound(deps, toRoundInfo(round, pair)) : null }
    }),
  )
}

/** A round's part of its pair's tile; null before its first entry. */
async function readTileRound({ rounds }: ReadDeps, round: RoundInfo): Promise<TileRound | null> {
  const world = await rounds.readWorld(round.id)
  const entries = await rounds.readEntries(round.id)
  return world && buildTileRound(round, world, entries.slice(0, world.entryCount))
}

/** What never changes of a round; null where there is none. */
export async function readRound({ prisma }: ReadDeps, roundId: string): Promise<RoundInfo | null> {
  const round = await prisma.round.findUnique({ where: { id: roundId }, include: { pair: { include: WITH_MEMBERS } } })
  return round && toRoundInfo(round, round.pair)
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
  members: membersOf(pair).map(({ id, name, builtIn }) => ({ id, name: builtIn ? null : name })),
})

/** The partner of a student; null for one who has none. */
export async function readPartnerId({ prisma }: ReadDeps, id: string): Promise<string | null> {
  const pair = await prisma.pair.findFirst({
    where: { dissolvedAt: null, OR: whereMemberIn({ in: [id] }) },
    include: { rounds: { orderBy: { createdAt: 'desc' }, take: 1 } },
  })
  return pair && partnerIdIn(pair, pair.rounds[0], id)
}

/** Everybody in a session, in the order in which they joined. */
export async function readParticipants({ prisma, presence }: ReadDeps, sessionId: string): Promise<ParticipantInfo[]> {
  const [participants, pairs] = await Promise.all([
    prisma.participant.findMany({ where: { sessionId, builtIn: false }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
    prisma.pair.findMany({ where: { sessionId, dissolvedAt: null } }),
  ])
  const pairOf = new Map(pairs.flatMap((pair) => memberIds(pair).map((id) => [id, pair.id])))
  return participants.map(({ id, name }) => ({ id, name, present: presence.isPresent(id), pair: pairOf.get(id) ?? null }))
}

/** Throws `not-found`. */
export async function readSession({ prisma }: ReadDeps, sessionId: string): Promise<SessionInfo> {
  const session = await prisma.session.findUnique({ where: { id: sessionId } })
  if (!session) throw new ApiError('not-found', 'There is no such session.')
  return toSessionInfo(session)
}

/** Throws `not-found`. */
export async function readBoard(deps: ReadDeps, sessionId: string): Promise<Board> {
  const [session, tiles, participants] = await Promise.all([
    readSession(deps, sessionId),
    readTiles(deps, sessionId),
    readParticipants(deps, sessionId),
  ])
  return { session, tiles, participants, now: deps.now().toISOString() }
}
