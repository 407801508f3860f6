/** Exports a session's points as a table for a spreadsheet. */
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { stringify } from 'csv-stringify/sync'
import { POINT_EIGHTHS, computeScore } from '../../protocol/round/fold/score.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { playlistOf } from './session-rows.ts'
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** Resolves to the session's code and the CSV text, which begins with a byte order mark for UTF-8. Rejects with `not-found`. */
export type ExportScores = (sessionId: string) => Promise<{ code: string; csv: string }>

/** The result of a student in one seat of one exercise. */
interface SeatResult {
  readonly points: number
  /** The share of the maximum, from 0 to 1. */
  readonly share: number
}

/**
 * Cells to be quoted. A spreadsheet may use a separator other than the comma; quotes prevent a formula after such a character
 * from becoming a cell of its own.
 */
const FORMULA_BEHIND_SEPARATOR = /[;|:\t ,]["'\s]*[=+\-@＝＋－＠]/

/** Number of worlds that are folded at the same time, to limit memory. */
const WORLD_BATCH_SIZE = 50

/**
 * Creates the export. Each row is a student. For each exercise it has the points in either seat, and the mean, over the seats
 * played, of the percentage of the maximum; then the number of exercises played and the mean of their percentages. Cells for what
 * was not played are empty. A round that is still running counts with its points so far. Of several rounds in one seat, after a
 * change of partners or a repetition, the best counts.
 */
export function createScoreExport({ prisma, rounds }: { prisma: PrismaClient; rounds: Pick<Rounds, 'readWorld'> }): ExportScores {
  return async (sessionId) => {
    const session = await prisma.session.findUnique({
      where: { id: sessionId, deletedAt: null },
      include: { participants: { where: { builtIn: false }, orderBy: [{ name: 'asc' }] }, rounds: true },
    })
    if (!session) throw new ApiError('not-found', 'There is no such session.')

    const best = new Map<string, SeatResult>()
    const key = (participant: string, position: number, seat: Seat) => `${participant} ${position} ${seat}`
    for (let from = 0; from < session.rounds.length; from += WORLD_BATCH_SIZE) {
      const batch = session.rounds.slice(from, from + WORLD_BATCH_SIZE)
      const worlds = await Promise.all(batch.map(({ id }) => rounds.readWorld(id)))
      batch.forEach(({ position, clientId, serverId }, i) => {
        const world = worlds[i]
        for (const seat of SEATS) {
          const { eighths, of } = world ? computeScore(world, seat) : { eighths: 0, of: 0 }
          if (of === 0) continue // no milestone was ever open to this seat
          const at = key(seat === 'client' ? clientId : serverId, position, seat)
          const result = { points: eighths / POINT_EIGHTHS, share: eighths / of }
          if (result.share >= (best.get(at)?.share ?? 0)) best.set(at, result)
        }
      })
    }

    const playlist = playlistOf(session)
    const header = playlist.flatMap((id, i) => {
      const exercise = `${i + 1} ${id}`
      return [`${exercise} client points`, `${exercise} server points`, `${exercise} %`]
    })
    const rows = session.participants.map(({ id, name }) => {
      const shares: number[] = []
      const cells = playlist.flatMap((_, position) => {
        const [client, server] = SEATS.map((seat) => best.get(key(id, position, seat)))
        const share = mean([client, server].flatMap((result) => (result ? [result.share] : [])))
        if (share !== null) shares.push(share)
        return [client?.points ?? null, server?.points ?? null, percent(share)]
      })
      return [name, ...cells, shares.length, percent(mean(shares))]
    })
    const csv = stringify([['name', ...header, 'exercises played', 'total %'], ...rows], {
      bom: true,
      escape_formulas: true,
      quoted_match: FORMULA_BEHIND_SEPARATOR,
      record_delimiter: 'windows',
    })
    return { code: session.code, csv }
  }
}

const mean = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((sum, number) => sum + number, 0) / numbers.length

/** The percentage with one decimal. */
const percent = (share: number | null): number | null => (share === null ? null : Math.round(share * 1000) / 10)
