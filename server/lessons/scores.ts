/** Exports a session's points as a table for a spreadsheet. */
import { computeScore } from '../../protocol/round/fold/score.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { percent, toCsv } from './csv.ts'
import { tabulateScores, type ScoredRound } from './score-table.ts'
import { playlistOf, sessionNotFoundError } from './session-rows.ts'

/** Resolves to the session's code and the CSV text. Rejects with `not-found`. */
export type ExportScores = (sessionId: string) => Promise<{ code: string; csv: string }>

/** Number of worlds that are folded at the same time, to limit memory. */
const WORLD_BATCH_SIZE = 50

/**
 * Creates the export. Each row is a student. For each exercise it has the points in either seat, and the mean, over the seats
 * played, of the percentage of the maximum; then the number of exercises played and the mean of their percentages. Cells for what
 * was not played are empty. A round that is still running counts with its points so far.
 */
export function createScoreExport({ prisma, rounds }: { prisma: PrismaClient; rounds: Pick<Rounds, 'readWorld'> }): ExportScores {
  return async (sessionId) => {
    const session = await prisma.session.findUnique({
      where: { id: sessionId, deletedAt: null },
      include: { participants: { where: { builtIn: false }, orderBy: [{ name: 'asc' }] }, rounds: true },
    })
    if (!session) throw sessionNotFoundError()

    const scored: ScoredRound[] = []
    for (let from = 0; from < session.rounds.length; from += WORLD_BATCH_SIZE) {
      const batch = session.rounds.slice(from, from + WORLD_BATCH_SIZE)
      const worlds = await Promise.all(batch.map(({ id }) => rounds.readWorld(id)))
      batch.forEach(({ position, clientId, serverId }, i) => {
        const world = worlds[i]
        if (!world) return
        const scores = { client: computeScore(world, 'client'), server: computeScore(world, 'server') }
        scored.push({ position, clientId, serverId, scores })
      })
    }

    const playlist = playlistOf(session)
    const scoresOf = tabulateScores(scored, playlist.length)
    const header = playlist.flatMap((id, i) => {
      const exercise = `${i + 1} ${id}`
      return [`${exercise} client points`, `${exercise} server points`, `${exercise} %`]
    })
    const rows = session.participants.map(({ id, name }) => {
      const { exercises, played, total } = scoresOf(id)
      const cells = exercises.flatMap(({ client, server, share }) => [client, server, percent(share)])
      return [name, ...cells, played, percent(total)]
    })
    return { code: session.code, csv: toCsv([['name', ...header, 'exercises played', 'total %'], ...rows]) }
  }
}
