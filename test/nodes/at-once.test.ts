/** Acts on two nodes at the same moment: the log decides, with the same result for everybody. */
import { SEATS } from '../../protocol/seat.ts'
import { describe, expect, test } from 'vitest'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import { ANSWERS, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { Lesson, seatsOf, type Student } from '../support/lesson.ts'
import { readLog } from '../support/database.ts'
import { numbers } from '../support/random.ts'
import { hasRedis } from '../support/redis.ts'
import type { ServerProcess } from '../support/spawn.ts'
import { startTwoNodes } from '../support/two-nodes.ts'
import { mergeViews } from '../support/views.ts'
import { expectAllWritten } from '../support/written.ts'
import { count, SEED } from '../support/volume.ts'

const viewsOf = (student: Student, round: string) => student.rounds.get(round)!.views
const does = async (student: Student, round: string, id: string, action: SeatAction, seen = viewsOf(student, round).length) => {
  await student.act({ round, id, seen, action })
  return viewsOf(student, round).find(({ event }) => event.act?.id === id)?.event.act
}

describe.skipIf(!hasRedis)('two nodes at one moment', () => {
  const nodes = startTwoNodes()

  /** A session whose pairs have their students on different nodes. */
  async function open({ pairs, exercise, swap = true }: { pairs: number; exercise: string; swap?: boolean }) {
    const [one, two] = nodes().running as [ServerProcess, ServerProcess]
    const seats = [one.port, two.port] as const
    const link = await nodes().link()
    return { one, two, lesson: await Lesson.open({ port: one.port, link, pairs, playlist: [exercise], swap, seats }) }
  }

  test('two actions at once for one index, one of each seat, on two nodes: both are written, one after the other', async () => {
    const TIMES = count('actsAtOnce')
    const { lesson, one, two } = await open({ pairs: 4, exercise: 'handshake' })
    await lesson.move(0)
    const rounds = await Promise.all(lesson.pairs.map((pair) => lesson.next(pair)))
    await lesson.changed.until(() => lesson.pairs.every((pair, i) => pair.every((s) => viewsOf(s, rounds[i]!).length > 0)))

    // A discard with nothing to discard is judged and written, costs nothing, and can be repeated often.
    for (let time = 0; time < TIMES; time++) {
      await Promise.all(
        lesson.pairs.flatMap((pair, i) =>
          pair.map(async (student) => {
            const act = await does(student, rounds[i]!, `at-once-${time}`, { kind: 'discard', event: 1 })
            expect(act?.outcome).toBe('barred')
          }),
        ),
      )
    }

    const rows = await readLog(nodes().databaseUrl, lesson.session.id)
    for (const [i, round] of rounds.entries()) {
      const written = rows.filter(({ roundId }) => roundId === round)
      expect(written.map(({ index }) => index)).toEqual(Array.from({ length: 1 + 2 * TIMES }, (_, index) => index))
      for (const seat of SEATS) {
        const own = written.filter(({ actor }) => actor === seat).map(({ actionId }) => actionId)
        expect(own).toEqual(Array.from({ length: TIMES }, (_, time) => `at-once-${time}`))
      }
      // The other node returns the same views.
      const { client, server } = seatsOf(lesson.pairs[i]!, round)
      for (const student of [client, server])
        for (const node of [one, two]) {
          const { views } = await student.windowAt(node.port).ask('resume', { round, from: 0 })
          expect(mergeViews(views)).toEqual(viewsOf(student, round))
        }
    }
  })

  test(`the same action sent to both nodes at once is done once, and both give the same answer (SEED=${SEED})`, async () => {
    const { lesson, one, two } = await open({ pairs: 3, exercise: 'close-client', swap: false })
    const others = new Map(
      lesson.pairs.flatMap(([first, second]) => [
        [first, first.windowAt(two.port)],
        [second, second.windowAt(one.port)],
      ]),
    )
    await lesson.move(0)
    await Promise.all(
      lesson.pairs.map(async (pair, i) => {
        const round = await lesson.next(pair)
        const plan = await lesson.plan(round, numbers(SEED + i))
        const by = seatsOf(pair, round)
        for (const { seat, id, seen, action } of plan.steps) {
          await lesson.changed.until(() => viewsOf(by[seat], round).length >= seen)
          const act = { round, id, seen, action }
          const [views, other] = await Promise.all([by[seat].act(act), others.get(by[seat])!.ask('act', act)])
          expect(other.views[0]).toEqual(views[0])
          expect(viewsOf(by[seat], round)[views[0]!.n - 1]?.event.act?.id).toBe(id)
        }
        await lesson.changed.until(() => SEATS.every((s) => viewsOf(by[s], round).length === plan.views[s].length))
        lesson.played.push({ round, plan, by })
      }),
    )
    await expectAllWritten(nodes().databaseUrl, lesson)
  })

  test('an action that crosses an arrival, between nodes that cannot hear each other, is "crossed" and costs nothing', async () => {
    const { redis } = nodes()
    const { lesson } = await open({ pairs: 1, exercise: 'handshake' })
    await lesson.move(0)
    const [pair] = lesson.pairs
    const round = await lesson.next(pair!)
    const { client, server } = seatsOf(pair!, round)
    const holds = (student: Student, count: number) => lesson.changed.until(() => viewsOf(student, round).length >= count)
    await Promise.all([holds(client, 1), holds(server, 1)])

    await does(server, round, 'server-1', LISTENS)
    await does(client, round, 'client-1', OPENS)
    await does(client, round, 'client-2', SENDS_SYN)
    await holds(server, 3)
    const composedOn = viewsOf(client, round).length
    const points = () => viewsOf(client, round).at(-1)?.now.milestones
    const before = points()

    await redis.kill()
    expect(await does(server, round, 'server-2', ANSWERS)).toMatchObject({ outcome: 'accepted' })
    expect(viewsOf(client, round).length, 'the SYN,ACK has not been heard of').toBe(composedOn)
    const late = await does(client, round, 'client-3', SENDS_SYN, composedOn)
    expect(late).toMatchObject({ outcome: 'crossed', findings: [] })
    // The reply also contained the arrival that the view lacked.
    const views = viewsOf(client, round)
    expect(views.slice(composedOn).map(({ event }) => [event.arrived?.length ?? 0, event.act?.outcome])).toEqual([
      [1, undefined],
      [0, 'crossed'],
    ])
    expect(points()?.map(({ eighths }) => eighths)).toEqual(before?.map(({ eighths }) => eighths))
    await redis.start()
  })
})
