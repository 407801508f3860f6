/** A rehearsal on a node with a database: one request, and simulated students play the lesson to its end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Board, SessionInfo } from '../../contract/answers.ts'
import { buildApp, type App } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { Browser, teacherLink } from '../support/app.ts'
import { testDatabase } from '../support/database.ts'
import { exercises } from '../support/exercises.ts'
import { numbers } from '../support/random.ts'
import { manualTime } from '../support/time.ts'

const time = manualTime()
let node: App
let teacher: Browser
let stop: () => Promise<void>

beforeAll(async () => {
  const database = await testDatabase()
  const log = createPostgresLog(database)
  node = await buildApp(
    { config: readConfig({}), prisma: database.prisma, log, exercises },
    { now: time.now, after: time.after, random: numbers(1) },
  )
  teacher = new Browser(node.http)
  await teacher.post('/api/teacher/link', { token: await teacherLink(database.prisma, time.now()) })
  stop = async () => {
    await node.http.close()
    await log.close()
    await database.stop()
  }
})
afterAll(() => stop())

const STUDENTS = 5
/** More world time than the rounds take, in seconds. */
const MAX_SECONDS = 600

describe('a rehearsal', () => {
  it('plays both legs of the first exercise with an odd number of students, and leaves the session that it copies alone', async () => {
    const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake', 'data'], swap: true }
    const session = (await teacher.post('/api/sessions', wanted)).json<SessionInfo>()
    const answer = await teacher.post(`/api/sessions/${session.id}/rehearsals`, { students: STUDENTS, speed: 10 })
    const rehearsal = answer.json<SessionInfo>()
    expect(rehearsal).toMatchObject({ ...wanted, rehearsal: true, position: 0 })
    expect(rehearsal.id).not.toBe(session.id)

    const readBoard = async (id: string) => (await teacher.get(`/api/sessions/${id}`)).json<Board>()
    const isThrough = ({ tiles }: Board) => tiles.every(({ round }) => round?.leg === 2 && round.over === 'goal')
    let board = await readBoard(rehearsal.id)
    expect(board.participants).toHaveLength(STUDENTS)
    expect(board.participants.every(({ present, pair }) => present && pair)).toBe(true)
    let refused = 0
    for (let second = 0; second < MAX_SECONDS && !isThrough(board); second++) {
      time.pass(1_000)
      await node.rounds.settle()
      board = await readBoard(rehearsal.id)
      refused += board.tiles.filter(({ round }) => round?.refusals).length
    }
    expect(isThrough(board)).toBe(true)
    expect(refused).toBeGreaterThan(0)

    const untouched = await readBoard(session.id)
    expect(untouched).toMatchObject({ session: { position: null, rehearsal: false }, participants: [], tiles: [] })
  })

  it.each([
    [1, 1],
    [301, 1],
    [10, 0],
    [10, 61],
  ])('is refused with %i students at speed %d', async (students, speed) => {
    const wanted = { title: 'Tuesday', level: 'guided', playlist: ['handshake'], swap: false }
    const { id } = (await teacher.post('/api/sessions', wanted)).json<SessionInfo>()
    expect((await teacher.post(`/api/sessions/${id}/rehearsals`, { students, speed })).statusCode).toBe(400)
  })
})
