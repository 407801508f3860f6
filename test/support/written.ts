/** What stands in a database's log, beside what was played. */
import { SEATS } from '../../protocol/seat.ts'
import type pg from 'pg'
import { expect } from 'vitest'
import { query } from './postgres.ts'
import type { Lesson } from './lesson.ts'

interface Row extends pg.QueryResultRow {
  roundId: string
  index: number
  actionId: string
  actor: string
}

/**
 * The log holds exactly what was rehearsed, so nothing that was answered is lost or doubled and nothing else has been written; and
 * every seat has been given exactly its views, without a gap.
 */
export async function expectAllWritten(url: string, { played, students }: Lesson): Promise<void> {
  const rows = await query<Row>(url, 'SELECT * FROM "Entry" ORDER BY "roundId", "index"')
  expect(new Set(rows.map((row) => row.roundId))).toEqual(new Set(played.map(({ round }) => round)))
  const common = ({ index, actionId, actor, action, seen, verdict, effects, engine, exercise }: pg.QueryResultRow) => {
    const id = actor === 'client' || actor === 'server' ? actionId : null
    return { index, id, actor, action, seen, verdict, effects, engine, exercise }
  }
  for (const { round, rehearsal, by } of played) {
    const written = rows.filter((row) => row.roundId === round)
    expect(written.map(common), round).toEqual(JSON.parse(JSON.stringify(rehearsal.entries.map(common))))
    for (const seat of SEATS)
      expect(by[seat].rounds.get(round)?.views, round).toEqual(JSON.parse(JSON.stringify(rehearsal.views[seat])))
  }
  const keys = new Set(rows.map(({ roundId, actor, actionId }) => `${roundId} ${actor} ${actionId}`))
  for (const { answered, rounds } of students)
    for (const { round, id } of answered) expect(keys).toContain(`${round} ${rounds.get(round)?.seat} ${id}`)
}
