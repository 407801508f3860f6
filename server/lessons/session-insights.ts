/**
 * The results of a session and what the class got wrong, running or ended. The facts of each round are read once for each length of its
 * log and kept, so that asking again while 150 pairs play costs little.
 */
import type { CurrentMistakes, Insights, RoundResult } from '../../contract/insights.ts'
import { POINT_EIGHTHS } from '../../protocol/round/fold/score.ts'
import { readRoundFacts, type LossFact, type RoundFacts } from '../../protocol/round/insights/round-facts.ts'
import type { Seat } from '../../protocol/seat.ts'
import type { Pair, Participant, PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import type { RoundLog } from '../rounds/log.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { toCsv } from './csv.ts'
import { tabulateInsights } from './insight-table.ts'
import { summarizeExercise, summarizeWork, type PlayedRound } from './insight-summary.ts'
import type { Library } from './library.ts'
import type { Replays } from './replays.ts'
import { tabulateScores } from './score-table.ts'
import { exerciseIdOf, legOf, levelOf, playlistOf, sessionNotFoundError, toSessionInfo } from './session-rows.ts'

/** All methods reject with `not-found`. */
export interface SessionInsights {
  readInsights(sessionId: string): Promise<Insights>
  /** At most `MISTAKES_TTL_MS` old. */
  readCurrentMistakes(sessionId: string): Promise<CurrentMistakes>
  /** The session's code, and the insights as CSV. */
  exportInsights(sessionId: string): Promise<{ code: string; csv: string }>
  keepNotes(sessionId: string, notes: string): Promise<{ notes: string }>
}

export interface SessionInsightsDeps {
  readonly prisma: PrismaClient
  readonly rounds: Pick<Rounds, 'readEntries'>
  readonly log: Pick<RoundLog, 'read'>
  readonly library: Pick<Library, 'findByReference'>
  readonly replays: Pick<Replays, 'createNamelessToken'>
  readonly now: () => Date
}

/** Real ms for which the commonest mistakes of a session are not made anew, however many pages ask. */
const MISTAKES_TTL_MS = 2_000
/** Maximum number of rounds whose facts are kept, some 2 kB each. */
const MAX_CACHED_ROUNDS = 10_000
/** Rounds whose logs are read at the same time, to limit memory. */
const ROUND_BATCH_SIZE = 50
/** How many mistakes the board shows, and how many places of each. */
const MAX_CURRENT = { mistakes: 8, places: 4 } as const
/** How many mistakes are talked about with the class. */
const DEBRIEF_MISTAKES = 3

type SessionRows = Session & {
  readonly participants: readonly Participant[]
  readonly pairs: readonly Pair[]
  readonly rounds: readonly Round[]
}

export function createSessionInsights({ prisma, rounds, log, library, replays, now }: SessionInsightsDeps): SessionInsights {
  /** The facts of rounds, by id. Those of a round that is over do not change any more. */
  const factsCache = new Map<string, RoundFacts>()
  const currentMistakes = new Map<string, { readonly madeAt: number; readonly answer: Promise<CurrentMistakes> }>()

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

  const readSession = async (id: string, roundsWhere: { position?: number } = {}): Promise<SessionRows> => {
    const session = await prisma.session.findUnique({
      where: { id },
      include: {
        participants: { where: { builtIn: false }, orderBy: [{ name: 'asc' }, { id: 'asc' }] },
        pairs: true,
        rounds: { where: roundsWhere, orderBy: [{ createdAt: 'asc' }, { leg: 'asc' }, { id: 'asc' }] },
      },
    })
    if (!session) throw sessionNotFoundError()
    return session
  }

  const readPlayed = async (session: SessionRows): Promise<readonly { row: Round; played: PlayedRound }[]> => {
    const people = new Set(session.participants.map(({ id }) => id))
    const student = (id: string) => (people.has(id) ? id : null)
    const all: { row: Round; played: PlayedRound }[] = []
    for (let from = 0; from < session.rounds.length; from += ROUND_BATCH_SIZE) {
      const batch = session.rounds.slice(from, from + ROUND_BATCH_SIZE)
      const facts = await Promise.all(batch.map(readFacts))
      batch.forEach((row, i) => {
        const students = { client: student(row.clientId), server: student(row.serverId) }
        if (facts[i]) all.push({ row, played: { id: row.id, position: row.position, facts: facts[i], students } })
      })
    }
    return all
  }

  const readInsights: SessionInsights['readInsights'] = async (sessionId) => {
    const session = await readSession(sessionId)
    const all = await readPlayed(session)
    const played = all.map((each) => each.played)
    const playlist = playlistOf(session)
    const scoresOf = tabulateScores(
      all.map(({ row, played: { facts } }) => ({
        position: row.position,
        clientId: row.clientId,
        serverId: row.serverId,
        scores: { client: facts.seats.client.score, server: facts.seats.server.score },
      })),
      playlist.length,
    )
    const positions = [...new Set(played.map(({ position }) => position))].sort((a, b) => a - b)
    const exercises = await Promise.all(
      positions.map(async (position) => {
        const here = all.filter(({ row }) => row.position === position)
        const row = here[0]!.row
        const exercise = await library.findByReference(row.exercise)
        return summarizeExercise(
          position,
          exerciseIdOf(row),
          here.map((each) => each.played),
          exercise,
        )
      }),
    )
    const numberOf = new Map(session.pairs.map(({ id, number }) => [id, number]))
    const results = all.map(({ row, played }) => toRoundResult(row, played, numberOf.get(row.pairId) ?? 0))
    return {
      session: toSessionInfo(session),
      notes: session.notes,
      students: session.participants.map(({ id, name }) => {
        const { exercises, total } = scoresOf(id)
        const { ownSteps, idled } = summarizeWork(played, id)
        return { id, name, exercises, total, ownSteps, idled, carried: ownSteps.count * 2 < ownSteps.of }
      }),
      exercises,
      rounds: results.sort((a, b) => a.position - b.position || a.pair - b.pair || a.leg - b.leg),
      debrief: chooseForDebrief(session, exercises, new Map(all.map(({ row, played }) => [row.id, { row, played }]))),
    }
  }

  /** The commonest mistakes, each with a round that is over and shows it: one that reached its goal, if there is one. */
  const chooseForDebrief = (
    session: Session,
    exercises: Insights['exercises'],
    roundOf: ReadonlyMap<string, { row: Round; played: PlayedRound }>,
  ): Insights['debrief'] => {
    const isShown = levelOf(session) !== 'exam' || session.releasedAt !== null
    const commonest = exercises
      .flatMap(({ position, mistakes }) => mistakes.map((each) => ({ ...each, position })))
      .sort((a, b) => b.students.count - a.students.count)
    const distinct = commonest.filter((each, i) => commonest.findIndex(({ mistake }) => mistake === each.mistake) === i)
    return distinct.slice(0, DEBRIEF_MISTAKES).map(({ mistake, position, students, places }) => {
      const ended = places.filter(({ round }) => roundOf.get(round)?.played.facts.over)
      const place = ended.find(({ round }) => roundOf.get(round)?.played.facts.over === 'goal') ?? ended[0]
      const row = place && roundOf.get(place.round)?.row
      const token = row && isShown ? replays.createNamelessToken(row) : null
      return { mistake, position, students, token, entry: place?.entry ?? 0 }
    })
  }

  const findCurrentMistakes = async (sessionId: string): Promise<CurrentMistakes> => {
    const { position } = await prisma.session.findUniqueOrThrow({ where: { id: sessionId }, select: { position: true } })
    if (position === null) return { students: 0, mistakes: [] }
    const session = await readSession(sessionId, { position })
    const played = (await readPlayed(session)).map((each) => each.played)
    const { students, mistakes } = summarizeExercise(position, '', played, undefined)
    const nameOf = new Map(session.participants.map(({ id, name }) => [id, name]))
    return {
      students,
      mistakes: mistakes.slice(0, MAX_CURRENT.mistakes).map(({ mistake, count, students, places }) => {
        const latest = [...places].reverse()
        const distinct = latest.filter((place, i) => latest.findIndex(({ student }) => student === place.student) === i)
        return {
          mistake,
          count,
          students: students.count,
          places: distinct.slice(0, MAX_CURRENT.places).map(({ round, entry, student }) => {
            return { round, entry, name: nameOf.get(student) ?? '' }
          }),
        }
      }),
    }
  }

  return {
    readInsights,

    readCurrentMistakes(sessionId) {
      const madeAt = now().getTime()
      for (const [id, kept] of currentMistakes) if (kept.madeAt + MISTAKES_TTL_MS <= madeAt) currentMistakes.delete(id)
      const kept = currentMistakes.get(sessionId) ?? { madeAt, answer: findCurrentMistakes(sessionId) }
      currentMistakes.set(sessionId, kept)
      return kept.answer
    },

    async exportInsights(sessionId) {
      const insights = await readInsights(sessionId)
      return { code: insights.session.code, csv: toCsv(tabulateInsights(insights)) }
    },

    async keepNotes(sessionId, notes) {
      await prisma.session.update({ where: { id: sessionId }, data: { notes } })
      return { notes }
    },
  }
}

const toRoundResult = (row: Round, { facts, students }: PlayedRound, pair: number): RoundResult => {
  const seatOf = (seat: Seat) => {
    const { score, losses } = facts.seats[seat]
    return {
      student: students[seat],
      points: score.eighths / POINT_EIGHTHS,
      of: score.of / POINT_EIGHTHS,
      losses: losses.map(toLoss),
    }
  }
  const { id, position } = row
  return { id, position, leg: legOf(row), pair, over: facts.over, seats: { client: seatOf('client'), server: seatOf('server') } }
}

const toLoss = ({ entry, eighths, why }: LossFact): RoundResult['seats'][Seat]['losses'][number] => ({
  entry,
  points: eighths / POINT_EIGHTHS,
  mistake: why && 'mistake' in why ? why.mistake : null,
  rung: why && 'rung' in why ? why.rung : null,
})
