/** A session's points as a table for a spreadsheet. */
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { stringify } from 'csv-stringify/sync'
import { POINT_EIGHTHS, computeScore } from '../../protocol/round/fold/score.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { playlistOf } from './session-rows.ts'
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'

/** UTF-8 with a byte order mark. Rejects with `not-found`. */
export type ExportScores = (sessionId: string) => Promise<{ code: string; csv: string }>

/** What a student has reached in one seat of one exercise. */
interface SeatResult {
  readonly points: number
  /** Of the maximum: 0 to 1. */
  readonly share: number
}

/** A spreadsheet may take another character than the comma for its separator: in quotes, a formula behind one is no cell of its own. */
const FORMULA_BEHIND_SEPARATOR = /[;|:\t ,]["'\s]*[=+\-@＝＋－＠]/

/** Worlds folded at once, to bound memory. */
const WORLD_BATCH_SIZE = 50

/**
 * Rows of students; for each exercise the points in either seat, and the mean of the seats played in percent of what could be reached
 * there; then how many exercises count, and the mean of their percentages. Empty: not played. A round that still runs counts as it
 * stands; of several in one seat, after a change of partners or a repetition, the best.
 */
export function createScoreExport({ prisma, rounds }: { prisma: PrismaClient; rounds: Pick<Rounds, 'readWorld'> }): ExportScores {
  return async (sessionId) => {
    const session = await prisma.session.findUnique({
      where: { id: sessionId },
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
          if (of === 0) continue // nothing of it was ever open to this seat
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

/** With one decimal. */
const percent = (share: number | null): number | null => (share === null ? null : Math.round(share * 1000) / 10)
