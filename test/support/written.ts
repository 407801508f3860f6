/** Checks a database's log against what was played. */
import { SEATS } from '../../protocol/seat.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { expect } from 'vitest'
import { readLog } from './database.ts'
import type { Lesson } from './lesson.ts'

/**
 * Expects that the session's log holds exactly what was rehearsed, so that nothing answered is lost or duplicated and nothing else was
 * written; and that every seat has received exactly its views, without a gap.
 */
export async function expectAllWritten(url: string, { session, played, students }: Lesson): Promise<void> {
  const rows = await readLog(url, session.id)
  expect(new Set(rows.map((row) => row.roundId))).toEqual(new Set(played.map(({ round }) => round)))
  const common = ({ roundId: _, at: __, actionId, ...entry }: Entry) => {
    const { actor } = entry
    return { ...entry, id: actor === 'client' || actor === 'server' ? actionId : null }
  }
  for (const { round, plan, by } of played) {
    const written = rows.filter((row) => row.roundId === round)
    expect(written.map(common), round).toEqual(JSON.parse(JSON.stringify(plan.entries.map(common))))
    for (const seat of SEATS) expect(by[seat].rounds.get(round)?.views, round).toEqual(JSON.parse(JSON.stringify(plan.views[seat])))
  }
  const keys = new Set(rows.map(({ roundId, actor, actionId }) => `${roundId} ${actor} ${actionId}`))
  for (const { answered, rounds } of students)
    for (const { round, id } of answered) expect(keys).toContain(`${round} ${rounds.get(round)?.seat} ${id}`)
}
