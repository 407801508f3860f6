/**
 * Lessons on two nodes with the services of docker-compose.yml as processes: PostgreSQL, Redis, two nodes, and a proxy that
 * distributes connections to them in turn.
 */
import { describe, expect, test } from 'vitest'
import { mergeTiles } from '../../client/src/teacher/feed/board-merge.ts'
import type { Tile } from '../../contract/answers.ts'
import { Lesson, type Connection } from '../support/lesson.ts'
import { startServer } from '../support/process.ts'
import { numbers } from '../support/random.ts'
import { hasRedis } from '../support/redis.ts'
import { startTwoNodes } from '../support/two-nodes.ts'
import { expectAllWritten } from '../support/written.ts'
import { SEED } from '../support/volume.ts'

/** The tiles of a board, kept up to date as the teacher's page does. */
async function watch(lesson: Lesson, connection: Connection): Promise<{ readonly tiles: readonly Tile[] }> {
  const held = { tiles: [] as readonly Tile[] }
  const take = (told: readonly Tile[]) => {
    held.tiles = mergeTiles(held.tiles, told)
    lesson.changed.tell()
  }
  connection.socket.on('tiles', (told) => take(told.tiles))
  const { board } = await connection.ask('watch', { session: lesson.session.id })
  take(board.tiles)
  return held
}

const allFinished = ({ tiles }: { readonly tiles: readonly Tile[] }, exercise: string) =>
  tiles.every(({ round }) => round?.exercise === exercise && round.finished)

describe.skipIf(!hasRedis)('two nodes', () => {
  test(`client on one, server on the other, the teacher's board on either; one is killed, then Redis (SEED=${SEED})`, async () => {
    const { databaseUrl, redis, one, two, proxy, toOne, toTwo } = await startTwoNodes()
    const lesson = await Lesson.open({
      port: proxy.port,
      link: one.link,
      pairs: 3,
      playlist: ['handshake', 'data', 'close-client', 'handshake'],
      seats: [toOne.port, toTwo.port],
    })
    const boards = await Promise.all([one, two].map(({ port }) => watch(lesson, lesson.teacherAt(port))))

    // Pairs with a student on each node play both legs.
    await lesson.playAll(0, SEED)
    await lesson.changed.until(() => boards.every((board) => allFinished(board, 'handshake')))

    // One node dies during play, and its students connect to the other one.
    const left = boards[1]!
    const from = lesson.moments
    const moment = from + 5 + Math.floor(numbers(SEED)() * 40)
    const playing = lesson.playAll(1, SEED)
    await lesson.changed.until(() => lesson.moments >= moment)
    toOne.targets = proxy.targets = [two.port]
    await one.kill('SIGKILL')
    await playing
    await lesson.changed.until(() => allFinished(left, 'data'))

    // A new node replaces it, and one student of each pair connects to that.
    const three = await startServer({ DATABASE_URL: databaseUrl, REDIS_URL: redis.url })
    toOne.targets = [three.port]
    proxy.targets = [three.port, two.port]
    toOne.cut()
    const anew = await watch(lesson, lesson.teacherAt(three.port))

    // Redis restarts during play.
    const next = lesson.moments + moment - from
    const closing = lesson.playAll(2, SEED)
    await lesson.changed.until(() => lesson.moments >= next)
    await redis.kill()
    await redis.start()
    await closing
    await Promise.all([two, three].map((node) => node.until(/Redis is back\./)))
    await lesson.changed.until(() => [left, anew].every((board) => allFinished(board, 'close-client')))
    await lesson.playAll(3, SEED)
    await lesson.changed.until(() => [left, anew].every((board) => allFinished(board, 'handshake')))

    await expectAllWritten(databaseUrl, lesson)
    for (const node of [two, three]) expect(await node.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  test(`cookies are valid on every node, and every connection may come to another one (SEED=${SEED})`, async () => {
    const { databaseUrl, one, proxy } = await startTwoNodes()
    const lesson = await Lesson.open({ port: proxy.port, link: one.link, pairs: 2, playlist: ['handshake'] })
    const playing = lesson.playAll(0, SEED)
    // Each time that the students reconnect, the proxy directs them to the other node.
    for (let cut = 1; cut <= 5; cut++) {
      const next = lesson.moments + 6
      await lesson.changed.until(() => lesson.moments >= next)
      proxy.cut()
    }
    await playing
    await expectAllWritten(databaseUrl, lesson)
  })

  test(`while Redis is away a pair on two nodes is in one round, through both legs and on to the next exercise (SEED=${SEED})`, async () => {
    const { databaseUrl, redis, one, two, proxy } = await startTwoNodes()
    const seats = [one.port, two.port] as const
    const lesson = await Lesson.open({ port: proxy.port, link: one.link, pairs: 1, playlist: ['handshake', 'data'], seats })
    await redis.kill()
    await lesson.playAll(0, SEED)
    await expectAllWritten(databaseUrl, lesson)
    await lesson.move(1)
    const [pair] = lesson.pairs
    const round = await lesson.next(pair!)
    expect(pair!.map(({ place }) => place?.round?.id)).toEqual([round, round])
    await redis.start()
  })

  test(`a node that stops in the middle of play leaves every pair in one round (SEED=${SEED})`, async () => {
    const { databaseUrl, one, two, proxy, toOne, toTwo } = await startTwoNodes()
    const seats = [toOne.port, toTwo.port] as const
    const lesson = await Lesson.open({ port: proxy.port, link: one.link, pairs: 3, playlist: ['handshake'], seats })
    const moment = 5 + Math.floor(numbers(SEED)() * 60)
    const playing = lesson.playAll(0, SEED)
    await lesson.changed.until(() => lesson.moments >= moment)
    toOne.targets = proxy.targets = [two.port]
    expect(await one.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    await playing
    await expectAllWritten(databaseUrl, lesson)
  })

  test(`a rolling restart under play: each node in turn is told to stop, and no act is lost or doubled (SEED=${SEED})`, async () => {
    const { databaseUrl, redis, one, two, proxy } = await startTwoNodes()
    const lesson = await Lesson.open({ port: proxy.port, link: one.link, pairs: 4, playlist: ['handshake', 'data'] })
    let nodes = [one, two]
    for (const [exercise, old] of [one, two].entries()) {
      const fresh = await startServer({ DATABASE_URL: databaseUrl, REDIS_URL: redis.url })
      expect((await fetch(`http://127.0.0.1:${fresh.port}/readyz`)).status).toBe(200)
      const next = lesson.moments + 10
      const playing = lesson.playAll(exercise, SEED)
      await lesson.changed.until(() => lesson.moments >= next)
      nodes = [...nodes.filter((node) => node !== old), fresh]
      proxy.targets = nodes.map(({ port }) => port)
      expect(await old.kill('SIGTERM')).toEqual({ code: 0, signal: null })
      expect(old.said.err).toBe('')
      await playing
    }
    await expectAllWritten(databaseUrl, lesson)
  })
})
