/**
 * The results of a session and what the class got wrong, running or ended. The facts of each round are read once for each length of its
 * log and kept, so that asking again while 150 pairs play costs little.
 */
import type { Insights, RoundResult } from '../../contract/insights.ts'
import { POINT_EIGHTHS } from '../../protocol/round/fold/score.ts'
import type { LossFact } from '../../protocol/round/insights/round-facts.ts'
import type { Seat } from '../../protocol/seat.ts'
import type { PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import { toCsv } from './csv.ts'
import { tabulateInsights } from './insight-table.ts'
import { summarizeExercise, summarizeWork, type PlayedRound } from './insight-summary.ts'
import type { Library } from './library.ts'
import type { PlayedRounds } from './played-rounds.ts'
import type { Replays } from './replays.ts'
import { tabulateScores } from './score-table.ts'
import { exerciseIdOf, legOf, levelOf, playlistOf, toSessionInfo } from './session-rows.ts'

/** All methods reject with `not-found`. */
export interface SessionInsights {
  readInsights(sessionId: string): Promise<Insights>
  /** The session's code, and the insights as CSV. */
  exportInsights(sessionId: string): Promise<{ code: string; csv: string }>
  keepNotes(sessionId: string, notes: string): Promise<{ notes: string }>
}

export interface SessionInsightsDeps {
  readonly prisma: PrismaClient
  readonly playedRounds: PlayedRounds
  readonly library: Pick<Library, 'findByReference'>
  readonly replays: Pick<Replays, 'createNamelessToken'>
}

/** How many mistakes are talked about with the class. */
const DEBRIEF_MISTAKES = 3

export function createSessionInsights({ prisma, playedRounds, library, replays }: SessionInsightsDeps): SessionInsights {
  const readInsights: SessionInsights['readInsights'] = async (sessionId) => {
    const { session, rounds: all } = await playedRounds.read(sessionId)
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

  return {
    readInsights,

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
