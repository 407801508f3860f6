/** Makes a table of points from the scores of a session's rounds: for the export as CSV and for the results page. Pure. */
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { POINT_EIGHTHS, type Score } from '../../protocol/round/fold/score.ts'

/** The scores of one round, and whose they are. */
export interface ScoredRound {
  readonly position: number
  readonly clientId: string
  readonly serverId: string
  readonly scores: { readonly [S in Seat]: Score }
}

/** A student's points: `share` is the part of the maximum, from 0 to 1. What was not played is null. */
export interface StudentScores {
  /** By place in the playlist. `share`: the mean over the seats played. */
  readonly exercises: readonly { readonly client: number | null; readonly server: number | null; readonly share: number | null }[]
  readonly played: number
  /** The mean of the exercises' shares. */
  readonly total: number | null
}

/**
 * The scores of each participant, by id. Of several rounds in one seat, after a change of partners or a repetition, the best counts.
 * `length`: of the playlist.
 */
export function tabulateScores(rounds: readonly ScoredRound[], length: number): (participantId: string) => StudentScores {
  const best = new Map<string, { points: number; share: number }>()
  const keyOf = (participant: string, position: number, seat: Seat) => `${participant} ${position} ${seat}`
  for (const { position, clientId, serverId, scores } of rounds)
    for (const seat of SEATS) {
      const { eighths, of } = scores[seat]
      if (of === 0) continue // no milestone was ever open to this seat
      const key = keyOf(seat === 'client' ? clientId : serverId, position, seat)
      const result = { points: eighths / POINT_EIGHTHS, share: eighths / of }
      if (result.share >= (best.get(key)?.share ?? 0)) best.set(key, result)
    }

  return (participant) => {
    const exercises = Array.from({ length }, (_, position) => {
      const [client, server] = SEATS.map((seat) => best.get(keyOf(participant, position, seat)))
      const share = mean([client, server].flatMap((result) => (result ? [result.share] : [])))
      return { client: client?.points ?? null, server: server?.points ?? null, share }
    })
    const shares = exercises.flatMap(({ share }) => (share === null ? [] : [share]))
    return { exercises, played: shares.length, total: mean(shares) }
  }
}

const mean = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((sum, number) => sum + number, 0) / numbers.length
