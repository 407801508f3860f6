/**
 * A lesson: its session, who has joined, who plays with whom, and which exercise is open. It knows no HTTP and no sockets.
 *
 * Whatever changes who plays what is done in one transaction that holds the session's row, so that two clicks or two nodes come
 * one after the other. Rounds are started and ended after it; what a dying node leaves undone there, `advance` does.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Board, ParticipantInfo, Place, SessionInfo, Tile } from '../../contract/events.ts'
import type { Joined } from '../../contract/http.ts'
import type { NewSession, Pairing } from '../../contract/schemas.ts'
import type { RoundInfo } from './tiles.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { generateCode, normalizeCode } from './join-codes.ts'
import type { LessonNotifier } from './notifier.ts'
import { matchAtRandom } from './matching.ts'
import { normalizeText, makeUniqueName } from './names.ts'
import {
  legOf,
  legsOf,
  levelOf,
  memberIds,
  partnerOf,
  playlistOf,
  readBoard,
  readParticipants,
  readPartnerId,
  readPlaces,
  readRound,
  readSession,
  readTiles,
  toSessionInfo,
  whereMemberIn,
  type ReadDeps,
} from './read-models.ts'
import { createRoundScript } from './round-script.ts'
import { ensureBuiltInPartner } from './built-in-partner.ts'
import { ApiError } from '../base/api-error.ts'
import type { Pair, Prisma, Round, Session } from '../generated/prisma/client.ts'
import { formatReference } from './library.ts'
import { newId } from '../base/ids.ts'

export interface LessonsDeps extends ReadDeps {
  readonly rounds: Pick<Rounds, 'start' | 'control' | 'readWorld' | 'readEntries'>
  readonly notifier: LessonNotifier
  /** Numbers in [0, 1). */
  readonly random: () => number
}

/** Everything rejects with `Failed`: `not-found`, `session-ended`, `malformed`, `wrong-code`. */
export interface Lessons {
  createSession(teacherId: string, wanted: NewSession): Promise<SessionInfo>
  /** Newest first. */
  listSessions(teacherId: string): Promise<SessionInfo[]>
  /** The running session with this code, as typed. */
  findByCode(code: string): Promise<SessionInfo>
  /** Those of these participants who are of this session. */
  findParticipants(sessionId: string, participantIds: readonly string[]): Promise<{ id: string; name: string }[]>
  /** A new participant of a running session. */
  join(sessionId: string, name: string): Promise<Joined>
  /**
   * Pairs everybody who is present and has no pair, or nothing to play with the built-in partner, at random, apart from their last
   * partners where possible. An odd one gets the built-in partner, or the wire of one of the new pairs.
   */
  pairPresent(sessionId: string, odd?: Pairing['odd']): Promise<void>
  /** These leave their pairs, if any, and become one: two, three of whom one plays the wire, or one with the built-in partner. */
  makePair(sessionId: string, members: readonly string[]): Promise<void>
  dissolvePair(sessionId: string, pairId: string): Promise<void>
  /** Opens the exercise at this position for all pairs; unfinished rounds end. Again for the one that is open: starts what did not start. */
  openExercise(sessionId: string, position: number): Promise<void>
  /** Opens an exam's results to its students, or closes them again. */
  setReleased(sessionId: string, released: boolean): Promise<void>
  /** Done once; again, nothing happens. */
  endSession(sessionId: string): Promise<void>
  /**
   * Sees to it that a round goes on: starts it if that was not done, and after its first leg opens the second. To be called when a
   * round is over and when a student of it connects; may be called at any time, by any node.
   */
  advance(roundId: string): Promise<void>
  /** Where these students are; ids of nobody are passed over. */
  readPlaces(participantIds: readonly string[]): Promise<Place[]>
  readBoard(sessionId: string): Promise<Board>
  readSession(sessionId: string): Promise<SessionInfo>
  /** Of all pairs, or of these. */
  readTiles(sessionId: string, pairIds?: readonly string[]): Promise<Tile[]>
  readParticipants(sessionId: string): Promise<ParticipantInfo[]>
  /** What never changes of a round; null where there is none. */
  readRound(roundId: string): Promise<RoundInfo | null>
  /** The id of a student's partner; null for one who has none. */
  readPartnerId(participantId: string): Promise<string | null>
}

/** Real ms, for a class of thousands on a slow disk. */
const TRANSACTION_OPTIONS = { maxWait: 10_000, timeout: 30_000 }

export function createLessons(deps: LessonsDeps): Lessons {
  const { prisma, library, presence, rounds, notifier, now, random } = deps

  /** Works on a session that meanwhile does not change, or, `alone`, that nobody else works on. */
  const withSessionLock = <T>(
    id: string,
    how: 'alone' | 'shared',
    work: (tx: Prisma.TransactionClient, session: Session) => Promise<T>,
  ) =>
    prisma.$transaction(async (tx) => {
      if (how === 'alone') await tx.$queryRaw`SELECT 1 FROM "Session" WHERE "id" = ${id} FOR NO KEY UPDATE`
      else await tx.$queryRaw`SELECT 1 FROM "Session" WHERE "id" = ${id} FOR SHARE`
      const session = await tx.session.findUnique({ where: { id } })
      if (!session) throw new ApiError('not-found', 'There is no such session.')
      return work(tx, session)
    }, TRANSACTION_OPTIONS)

  /** Changes a running session. */
  const withRunningSession = <T>(id: string, work: (tx: Prisma.TransactionClient, session: Session) => Promise<T>): Promise<T> =>
    withSessionLock(id, 'alone', (tx, session) => {
      if (session.endedAt) throw sessionEndedError()
      return work(tx, session)
    })

  const findExerciseAt = async (session: Session, position: number, tx: Prisma.TransactionClient) => {
    const playlist = playlistOf(session)
    const id = playlist[position]
    if (id === undefined) throw new ApiError('malformed', `The playlist ends at position ${playlist.length - 1}.`)
    const exercise = await library.findNewest(id, tx)
    if (!exercise) throw new ApiError('not-found', `The exercise ${id} is not on this server any more.`)
    return exercise
  }

  /** The rows of these pairs' next rounds at the session's position; none while no exercise is open. */
  const createRoundRows = async (tx: Prisma.TransactionClient, session: Session, pairs: readonly Pair[]): Promise<Round[]> => {
    const { id: sessionId, position } = session
    if (position === null || pairs.length === 0) return []
    const exercise = formatReference(await findExerciseAt(session, position, tx))
    const played = await tx.round.groupBy({
      by: 'pairId',
      where: { position, pairId: { in: pairs.map((pair) => pair.id) } },
      _max: { leg: true },
    })
    const lastLeg = new Map(played.map((row) => [row.pairId, row._max.leg ?? 0]))
    return tx.round.createManyAndReturn({
      data: pairs.map((pair) => {
        const pairId = pair.id
        const last = lastLeg.get(pairId) ?? 0
        const leg = last + 1 + (last % 2)
        // Without swap one leg is all there is: who begins as the client takes turns.
        const seats = assignSeats(pair, position + (leg - 1) / 2)
        return { id: newId(), sessionId, pairId, position, leg, exercise, ...seats, createdAt: now() }
      }),
    })
  }

  /** The row of the leg with seats swapped; none where it is there, or the lesson has gone on. */
  const createSecondLeg = ({
    sessionId,
    pairId,
    position,
    exercise,
    leg,
    clientId,
    serverId,
    networkId,
  }: Round): Promise<Round[]> =>
    withSessionLock(sessionId, 'shared', async (tx, session) => {
      const { dissolvedAt } = await tx.pair.findUniqueOrThrow({ where: { id: pairId } })
      if (session.endedAt || dissolvedAt || session.position !== position) return []
      const swapped = { clientId: serverId, serverId: clientId, networkId, leg: leg + 1 }
      const row = { id: newId(), sessionId, pairId, position, exercise, ...swapped, createdAt: now() }
      return tx.round.createManyAndReturn({ data: [row], skipDuplicates: true })
    })

  const createPairs = async (tx: Prisma.TransactionClient, session: Session, matches: readonly (readonly string[])[]) => {
    const { _max } = await tx.pair.aggregate({ where: { sessionId: session.id }, _max: { number: true } })
    const last = _max.number ?? 0
    const pairs = await tx.pair.createManyAndReturn({
      data: matches.map(([firstId = '', secondId = '', thirdId = null], i) => {
        return { id: newId(), sessionId: session.id, number: last + 1 + i, firstId, secondId, thirdId, createdAt: now() }
      }),
    })
    return { pairs, opened: await createRoundRows(tx, session, pairs) }
  }

  /** The pairs with the built-in partner that have nothing to play. */
  const findIdleSoloPairs = (tx: Prisma.TransactionClient, sessionId: string): Promise<Pair[]> =>
    tx.pair.findMany({
      where: {
        sessionId,
        dissolvedAt: null,
        OR: [{ first: { builtIn: true } }, { second: { builtIn: true } }],
        rounds: { none: { endedAt: null } },
      },
    })

  /** Takes pairs apart; returns their unfinished rounds. */
  const markDissolved = async (tx: Prisma.TransactionClient, pairs: readonly Pair[]): Promise<Round[]> => {
    const ids = { in: pairs.map((pair) => pair.id) }
    await tx.pair.updateMany({ where: { id: ids }, data: { dissolvedAt: now() } })
    return tx.round.findMany({ where: { pairId: ids, endedAt: null } })
  }

  const endLiveRounds = (some: readonly { readonly id: string }[], why: 'moved-on' | 'ended') =>
    Promise.all(some.map(({ id }) => rounds.control(id, { kind: 'control', control: 'end', why }, 'teacher')))

  const startRounds = async (session: Session, opened: readonly Round[]): Promise<void> => {
    if (opened.length === 0) return
    const partner = await prisma.participant.findFirst({ where: { sessionId: session.id, builtIn: true } })
    const player = (id: string) => (id === partner?.id ? 'partner' : 'person')
    await Promise.all(
      opened.map(async (round) => {
        const players = { client: player(round.clientId), server: player(round.serverId) } as const
        const exercise = await library.findByReference(round.exercise)
        if (!exercise) throw new ApiError('not-found', `The exercise ${round.exercise} is not on this server any more.`)
        // In an exam nobody meddles: there the third of a pair looks on.
        const network = round.networkId !== null && levelOf(session) !== 'exam' && exercise.scenes.some((scene) => scene.network)
        await rounds.start(
          round.id,
          await createRoundScript(deps, round, exercise, levelOf(session), { players, network, partner: partnerOf(session) }),
        )
      }),
    )
    // Stopped by somebody else while it was not yet there to be stopped.
    const stopped = { id: { in: opened.map(({ id }) => id) }, endedAt: { not: null } }
    await endLiveRounds(await prisma.round.findMany({ where: stopped, select: { id: true } }), 'moved-on')
  }

  const stopRounds = async (stale: readonly Round[], why: 'moved-on' | 'ended'): Promise<void> => {
    if (stale.length === 0) return
    await prisma.round.updateMany({ where: { id: { in: stale.map(({ id }) => id) } }, data: { endedAt: now() } })
    await endLiveRounds(stale, why)
  }

  const allMemberIds = (pairs: readonly Pair[]) => pairs.flatMap(memberIds)

  const notifyPairsChanged = (sessionId: string, pairs: readonly Pair[]): void => {
    notifier.placesChanged(allMemberIds(pairs))
    notifier.participantsChanged(sessionId)
    notifier.tilesChanged(
      sessionId,
      pairs.map((pair) => pair.id),
    )
  }

  return {
    async createSession(teacherId, { title, level, playlist, swap, partner = {} }) {
      const known = new Set((await library.list(teacherId)).flatMap(({ id, origin }) => (origin === 'removed' ? [] : [id])))
      const missing = playlist.find((id) => !known.has(id))
      if (missing !== undefined) throw new ApiError('malformed', `There is no exercise ${missing}.`)
      const fields = { teacherId, title: normalizeText(title), level, playlist, swap, partner, createdAt: now() }
      for (;;) {
        const made = await prisma.session.createManyAndReturn({
          data: [{ ...fields, id: newId(), code: generateCode() }],
          skipDuplicates: true,
        })
        // None: another session has drawn the same code.
        if (made[0]) return toSessionInfo(made[0])
      }
    },

    async listSessions(teacherId) {
      const rows = await prisma.session.findMany({ where: { teacherId }, orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] })
      return rows.map(toSessionInfo)
    },

    async findByCode(typed) {
      const session = await prisma.session.findUnique({ where: { code: normalizeCode(typed) } })
      if (!session) throw new ApiError('wrong-code', 'No session has this code.')
      if (session.endedAt) throw sessionEndedError()
      return toSessionInfo(session)
    },

    async findParticipants(sessionId, participantIds) {
      const rows = await prisma.participant.findMany({
        where: { sessionId, id: { in: [...participantIds] } },
        orderBy: { createdAt: 'asc' },
      })
      return rows.map(({ id, name }) => ({ id, name }))
    },

    async join(sessionId, typed) {
      const wanted = normalizeText(typed)
      let name = wanted
      for (;;) {
        const participant = { id: newId(), sessionId, name, createdAt: now() }
        const { count } = await prisma.participant.createMany({ data: [participant], skipDuplicates: true })
        if (count === 1) {
          notifier.participantsChanged(sessionId)
          return { participant: { id: participant.id, name }, renamed: name !== wanted }
        }
        const alike = await prisma.participant.findMany({
          where: { sessionId, name: { startsWith: wanted } },
          select: { name: true },
        })
        name = makeUniqueName(wanted, new Set(alike.map((row) => row.name)))
      }
    },

    async pairPresent(sessionId, odd = 'built-in') {
      const { session, left, pairs, opened } = await withRunningSession(sessionId, async (tx, session) => {
        const everybody = await tx.participant.findMany({ where: { sessionId, builtIn: false }, select: { id: true } })
        const idle = await findIdleSoloPairs(tx, sessionId)
        await markDissolved(tx, idle)
        const all = await tx.pair.findMany({ where: { sessionId }, orderBy: { number: 'asc' } })
        const paired = new Set(allMemberIds(all.filter((pair) => !pair.dissolvedAt)))
        const lastPartner = new Map(
          all.flatMap(({ firstId, secondId }) => [[firstId, secondId] as const, [secondId, firstId] as const]),
        )
        const free = everybody.map(({ id }) => id).filter((id) => !paired.has(id) && presence.isPresent(id))
        const matches = matchAtRandom(free, (a, b) => lastPartner.get(a) === b || lastPartner.get(b) === a, random)
        const met = new Set(matches.flat())
        const [left] = free.filter((id) => !met.has(id))
        const [first, ...others] = matches
        const groups: (readonly string[])[] =
          left === undefined
            ? matches
            : odd === 'network' && first
              ? [[...first, left], ...others]
              : [...matches, [left, await ensureBuiltInPartner(tx, sessionId, now())]]
        return { session, left: idle, ...(await createPairs(tx, session, groups)) }
      })
      await startRounds(session, opened)
      notifyPairsChanged(sessionId, [...left, ...pairs])
    },

    async makePair(sessionId, people) {
      if (new Set(people).size < people.length) throw new ApiError('malformed', 'A pair is of different people.')
      const { session, left, stale, pairs, opened } = await withRunningSession(sessionId, async (tx, session) => {
        const among = { in: [...people] }
        const here = await tx.participant.count({ where: { sessionId, builtIn: false, id: among } })
        if (here !== people.length) throw new ApiError('not-found', 'They are not all of this session.')
        const members = people.length > 1 ? people : [...people, await ensureBuiltInPartner(tx, sessionId, now())]
        const left = await tx.pair.findMany({ where: { dissolvedAt: null, OR: whereMemberIn(among) } })
        const already = left.some((pair) => isDeepStrictEqual(memberIds(pair).sort(), [...members].sort()))
        if (already) return { session, left: [], stale: [], pairs: [], opened: [] }
        return { session, left, stale: await markDissolved(tx, left), ...(await createPairs(tx, session, [members])) }
      })
      await stopRounds(stale, 'moved-on')
      await startRounds(session, opened)
      notifyPairsChanged(sessionId, [...left, ...pairs])
    },

    async dissolvePair(sessionId, pairId) {
      const { left, stale } = await withRunningSession(sessionId, async (tx) => {
        const left = await tx.pair.findMany({ where: { id: pairId, sessionId, dissolvedAt: null } })
        if (left.length === 0) throw new ApiError('not-found', 'There is no such pair.')
        return { left, stale: await markDissolved(tx, left) }
      })
      await stopRounds(stale, 'moved-on')
      notifyPairsChanged(sessionId, left)
    },

    async openExercise(sessionId, position) {
      const { session, stale, pairs, opened } = await withRunningSession(sessionId, async (tx, before) => {
        const unfinished = await tx.round.findMany({ where: { sessionId, endedAt: null } })
        if (before.position === position) {
          const current = unfinished.filter((round) => round.position === position)
          return { session: before, stale: unfinished.filter((round) => !current.includes(round)), pairs: [], opened: current }
        }
        await findExerciseAt(before, position, tx)
        const session = await tx.session.update({ where: { id: sessionId }, data: { position } })
        const pairs = await tx.pair.findMany({ where: { sessionId, dissolvedAt: null } })
        return { session, stale: unfinished, pairs, opened: await createRoundRows(tx, session, pairs) }
      })
      await stopRounds(stale, 'moved-on')
      await startRounds(session, opened)
      notifier.sessionChanged(sessionId)
      notifyPairsChanged(sessionId, pairs)
    },

    async setReleased(sessionId, released) {
      const { count } = await prisma.session.updateMany({
        where: { id: sessionId, level: 'exam' },
        data: { releasedAt: released ? now() : null },
      })
      if (count === 0) throw new ApiError('malformed', 'Only the results of an exam wait to be released.')
      const everybody = await prisma.participant.findMany({ where: { sessionId }, select: { id: true } })
      notifier.sessionChanged(sessionId)
      notifier.placesChanged(everybody.map(({ id }) => id))
    },

    async endSession(sessionId) {
      await prisma.session.updateMany({ where: { id: sessionId, endedAt: null }, data: { endedAt: now() } })
      // No round is opened any more: what opens them holds the session's row and finds it ended.
      await stopRounds(await prisma.round.findMany({ where: { sessionId, endedAt: null } }), 'ended')
      const everybody = await prisma.participant.findMany({ where: { sessionId }, select: { id: true } })
      notifier.sessionChanged(sessionId)
      notifier.placesChanged(everybody.map(({ id }) => id))
    },

    async advance(roundId) {
      const round = await prisma.round.findUnique({ where: { id: roundId }, include: { session: true } })
      if (!round || round.session.endedAt) return
      const world = await rounds.readWorld(roundId)
      if (!world && !round.endedAt) return startRounds(round.session, [round])
      // Whoever ended it otherwise knows what comes next.
      if (world?.over !== 'goal' && world?.over !== 'broken') return

      const opened = legOf(round) < legsOf(round.session) ? await createSecondLeg(round) : []
      await prisma.round.updateMany({ where: { id: roundId, endedAt: null }, data: { endedAt: now() } })
      await startRounds(round.session, opened)
      notifier.placesChanged([round.clientId, round.serverId, ...(round.networkId === null ? [] : [round.networkId])])
      notifier.tilesChanged(round.sessionId, [round.pairId])
    },

    readPlaces: (ids) => readPlaces(deps, ids),
    readBoard: (sessionId) => readBoard(deps, sessionId),
    readSession: (sessionId) => readSession(deps, sessionId),
    readTiles: (sessionId, pairIds) => readTiles(deps, sessionId, pairIds),
    readParticipants: (sessionId) => readParticipants(deps, sessionId),
    readRound: (roundId) => readRound(deps, roundId),
    readPartnerId: (participantId) => readPartnerId(deps, participantId),
  }
}

/** Who sits where: the members of a pair take turns. */
function assignSeats(pair: Pair, turn: number): Pick<Round, 'clientId' | 'serverId' | 'networkId'> {
  const members = memberIds(pair)
  const at = (place: number) => members[(place + turn) % members.length] as string
  return { clientId: at(0), serverId: at(1), networkId: members.length > 2 ? at(2) : null }
}

const sessionEndedError = () => new ApiError('session-ended', 'This lesson is over.')
