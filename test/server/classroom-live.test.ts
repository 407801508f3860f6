/** The whole node, as `main.ts` runs it: a lesson from its code to its scores, over HTTP and sockets, on PostgreSQL. */
import { expect, test } from 'vitest'
import type { Board, Joined, Replay, SessionInfo } from '../../contract/answers.ts'
import type { Insights } from '../../contract/insights.ts'
import { ACKNOWLEDGES, ANSWERS, ANSWERS_WRONG, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { collect } from '../support/pair.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import { wholeNode } from '../support/whole-node.ts'

const node = wholeNode()

/** A student's page: joins, connects, and keeps track of its place. */
async function student(code: string, name: string) {
  const browser = node.browser()
  const { participant } = (await browser.post('/api/join', { code, name })).json<Joined>()
  const { client, places, at } = node.openPage(browser, participant.id)
  const views = collect(client, 'view')
  let acts = 0
  const act = async (action: SeatAction, seen: number) => {
    const round = places.bodies.at(-1)?.round?.id ?? ''
    const reply = await client.emitWithAck('act', { round, id: `${name}-action-${++acts}`, seen, action })
    if (!reply.ok) throw new Error(`${reply.error}: ${reply.detail}`)
    return reply.views.at(-1)
  }
  return { id: participant.id, client, views, at, act }
}

test('a lesson: join, pair, open an exercise, play it in both seats, move on, end, scores', async () => {
  const teacher = await node.teacher()
  const body = { title: 'Monday', level: 'guided', playlist: ['handshake', 'data'], swap: true }
  const session = (await teacher.post('/api/sessions', body)).json<SessionInfo>()
  const [ann, bob] = await Promise.all([student(session.code, 'Ann'), student(session.code, 'Bob')])
  await Promise.all([ann, bob].map(({ at }) => at(({ waiting }) => waiting === 'for-partner')))

  const board = node.connect(teacher, { teacher: true })
  const tiles = collect(board, 'tiles')
  const watched = await board.emitWithAck('watch', { session: session.id })
  expect(watched).toMatchObject({
    ok: true,
    board: {
      participants: [
        { present: true, pair: null },
        { present: true, pair: null },
      ],
    },
  })

  const change = async (path: string, payload?: object) =>
    (await teacher.post(`/api/sessions/${session.id}/${path}`, payload)).json<Board>()
  await change('pairing', { odd: 'built-in' })
  await Promise.all([ann, bob].map(({ at }) => at(({ waiting }) => waiting === 'for-start')))
  const opened = await change('position', { position: 0 })
  expect(opened.tiles[0]?.round).toMatchObject({
    exercise: 'handshake',
    leg: 1,
    index: 1,
    states: { client: 'CLOSED', server: 'CLOSED' },
  })

  const play = async (leg: 1 | 2) => {
    const rounds = await Promise.all([ann, bob].map(({ at }) => at(({ round }) => round?.leg === leg)))
    expect(new Set(rounds.map(({ round }) => round?.id)).size).toBe(1)
    const [client, server] = rounds[0]?.round?.seat === 'client' ? [ann, bob] : [bob, ann]
    const [before, beforeServer] = [client.views.bodies.length, server.views.bodies.length]
    const accepted = async (who: typeof ann, action: SeatAction, seen: number) => {
      const view = await who.act(action, seen)
      expect(view?.event.act).toMatchObject({ outcome: 'accepted' })
      return view?.n ?? 0
    }
    const listening = await accepted(server, LISTENS, 1)
    const called = await accepted(client, OPENS, 1)
    await accepted(client, SENDS_SYN, called)
    const [syn] = (await server.views.until(beforeServer + 1)).slice(-1)
    expect(syn?.view.n).toBe(listening + 1)
    const refused = leg === 1 ? await server.act(ANSWERS_WRONG, listening + 1) : undefined
    if (leg === 1) expect(refused?.event.act?.findings[0]).toMatchObject({ field: 'ack', misconception: 'syn-consumes-one' })
    await accepted(server, ANSWERS, refused?.n ?? listening + 1)
    const [answer] = (await client.views.until(before + 1)).slice(-1)
    await accepted(client, ACKNOWLEDGES, answer?.view.n ?? 0)
    const [ack] = (await server.views.until(beforeServer + 2)).slice(-1)
    const event = ack?.view.n ?? 0
    const last = await server.act({ kind: 'claim', event, state: 'ESTABLISHED' }, event)
    expect(last?.now).toMatchObject({ over: 'goal' })
    return { client: client.id, server: server.id }
  }
  const first = await play(1)
  const second = await play(2)
  expect(second).toEqual({ client: first.server, server: first.client })
  await Promise.all([ann, bob].map(({ at }) => at(({ waiting }) => waiting === 'for-next')))
  await tiles.until(1)

  const ask = async (path: string) => (await teacher.get(`/api/sessions/${session.id}/${path}`)).json<unknown>()
  const screen = await ask('screen')
  expect(screen).toMatchObject({
    people: { present: 2, joined: 2 },
    pairs: { through: 1, of: 1 },
    students: 2,
    mistakes: [
      {
        mistake: 'syn-consumes-one',
        count: 1,
        students: 1,
        example: { round: expect.any(String) as string, entry: expect.any(Number) as number },
      },
    ],
    live: [],
  })
  for (const secret of [/\bAnn\b/, /\bBob\b/, RegExp(ann.id), RegExp(bob.id)]) expect(JSON.stringify(screen)).not.toMatch(secret)

  const moved = await change('position', { position: 1 })
  expect(moved.tiles[0]?.round).toMatchObject({ exercise: 'data', leg: 1 })
  await Promise.all([ann, bob].map(({ at }) => at(({ round }) => round?.exercise.id === 'data')))
  await change('end')
  await Promise.all([ann, bob].map(({ at }) => at(({ waiting }) => waiting === 'ended')))

  const csv = (await teacher.get(`/api/sessions/${session.id}/scores.csv`)).body.split('\r\n')
  expect(csv[0]).toContain('1 handshake client points,1 handshake server points,1 handshake %')
  const rows = new Map(csv.slice(1).map((line) => [line.split(',')[0], line.split(',').slice(1, 4)]))
  const [clean, refusedOnce] = first.server === ann.id ? ['Bob', 'Ann'] : ['Ann', 'Bob']
  expect(rows.get(clean)?.[2]).toBe('100')
  expect(Number(rows.get(refusedOnce)?.[2])).toBeLessThan(100)

  // The same afterwards, from the logs of rounds that are over.
  expect((await teacher.post(`/api/sessions/${session.id}/notes`, { notes: 'Once more: a SYN uses up a number.' })).json()).toEqual(
    {
      notes: 'Once more: a SYN uses up a number.',
    },
  )
  const insights = (await ask('insights')) as Insights
  expect(insights.notes).toContain('Once more')
  expect(insights.exercises[0]).toMatchObject({ id: 'handshake', students: 2, mistakes: [{ students: { count: 1, of: 2 } }] })
  for (const { name, exercises } of insights.students)
    expect(Math.round((exercises[0]?.share ?? 0) * 1000) / 10).toBe(Number(rows.get(name)?.[2]))
  const [legOne] = insights.rounds
  expect(legOne).toMatchObject({ position: 0, leg: 1, pair: 1, over: 'goal', seats: { client: { losses: [] } } })
  expect(legOne?.seats.server).toMatchObject({ student: first.server, losses: [{ points: 0.25, mistake: 'syn-consumes-one' }] })
  const [worst] = insights.debrief
  expect(worst).toMatchObject({ mistake: 'syn-consumes-one', entry: legOne?.seats.server.losses[0]?.entry })
  const replay = (await node.browser().get(`/api/replays/${worst?.token}`)).json<Replay>()
  expect(replay.names).toBeNull()
  expect(replay.entries[worst?.entry ?? -1]?.verdict).toMatchObject({ findings: [{ misconception: 'syn-consumes-one' }] })
  const table = await teacher.get(`/api/sessions/${session.id}/insights.csv`)
  expect(table.headers['content-disposition']).toBe(`attachment; filename="insights-${session.code}.csv"`)
  expect(table.body).toContain('1 handshake,mistake,,syn-consumes-one,1,1,2,50,1,2,0,2,')
})
