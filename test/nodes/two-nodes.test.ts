/** Lessons on two nodes: connections that come to either, nodes that stop and die, and a Redis that goes and comes back. */
import { describe, expect, test } from 'vitest'
import { mergeTiles } from '../../client/src/teacher/feed/board-merge.ts'
import type { Tile } from '../../contract/answers.ts'
import { startBlockingProxy } from '../support/blocking-proxy.ts'
import { Lesson, type Connection } from '../support/lesson.ts'
import { startProxy } from '../support/proxy.ts'
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
  const nodes = startTwoNodes()

  /** A proxy in front of both nodes, as for browsers, and one in front of each, unless a test changes their targets. */
  async function proxies() {
    const [one, two] = nodes().running.map(({ port }) => port) as [number, number]
    return { proxy: await startProxy([one, two]), toOne: await startProxy([one]), toTwo: await startProxy([two]) }
  }

  test(`cookies are valid on every node, and every connection may come to another one (SEED=${SEED})`, async () => {
    const { proxy } = await proxies()
    const lesson = await Lesson.open({ port: proxy.port, link: await nodes().link(), pairs: 2, playlist: ['handshake'] })
    const playing = lesson.playAll(0, SEED)
    // Each time that the students reconnect, the proxy directs them to the other node.
    for (let cut = 1; cut <= 5; cut++) {
      const next = lesson.moments + 6
      await lesson.changed.until(() => lesson.moments >= next)
      proxy.cut()
    }
    await playing
    await expectAllWritten(nodes().databaseUrl, lesson)
  })

  test(`behind a balancer that keeps browsers at a node by a cookie, as nginx.conf does, a lesson is played by long polling on both (SEED=${SEED})`, async () => {
    const ports = nodes().running.map(({ port }) => port)
    const balancer = await startBlockingProxy(ports, 'refuse')
    const transport = 'polling'
    const lesson = await Lesson.open({
      port: balancer.port,
      link: await nodes().link(),
      pairs: 2,
      playlist: ['handshake'],
      transport,
    })
    await lesson.playAll(0, SEED)
    for (const port of ports) expect(balancer.polls.get(port)).toBeGreaterThan(lesson.students.length)
    expect(balancer.upgrades).toBe(0)
    await expectAllWritten(nodes().databaseUrl, lesson)
  })

  test(`a rolling restart under play: each node in turn is told to stop, no act is lost or doubled, and every pair stays in one round (SEED=${SEED})`, async () => {
    const { proxy, toOne, toTwo } = await proxies()
    const seats = [toOne.port, toTwo.port] as const
    const link = await nodes().link()
    const lesson = await Lesson.open({ port: proxy.port, link, pairs: 4, playlist: ['handshake', 'data'], seats })
    const random = numbers(SEED)
    for (const [exercise, old] of nodes().running.entries()) {
      const before = old.said.err
      const fresh = await nodes().start()
      expect((await fetch(`http://127.0.0.1:${fresh.port}/readyz`)).status).toBe(200)
      const moment = lesson.moments + 5 + Math.floor(random() * 60)
      const playing = lesson.playAll(exercise, SEED)
      await lesson.changed.until(() => lesson.moments >= moment)
      nodes().replace(old, fresh)
      proxy.targets = nodes().running.map(({ port }) => port)
      const own = exercise === 0 ? toOne : toTwo
      own.targets = [fresh.port]
      expect(await old.kill('SIGTERM')).toEqual({ code: 0, signal: null })
      expect(old.said.err).toBe(before)
      await playing
    }
    await expectAllWritten(nodes().databaseUrl, lesson)
  })

  test(`client on one, server on the other, the teacher's board on either; one is killed, then Redis (SEED=${SEED})`, async () => {
    const { databaseUrl, redis } = nodes()
    const [one, two] = nodes().running
    const { proxy, toOne, toTwo } = await proxies()
    const lesson = await Lesson.open({
      port: proxy.port,
      link: await nodes().link(),
      pairs: 3,
      playlist: ['handshake', 'data', 'close-client'],
      seats: [toOne.port, toTwo.port],
    })
    const [, left] = await Promise.all([one!, two!].map(({ port }) => watch(lesson, lesson.teacherAt(port))))

    // One node dies during play, and its students connect to the other one.
    const random = numbers(SEED)
    const moment = 5 + Math.floor(random() * 40)
    const playing = lesson.playAll(0, SEED)
    await lesson.changed.until(() => lesson.moments >= moment)
    toOne.targets = proxy.targets = [two!.port]
    await one!.kill('SIGKILL')
    await playing
    await lesson.changed.until(() => allFinished(left!, 'handshake'))

    // A new node replaces it, and one student of each pair connects to that.
    const three = await nodes().start()
    nodes().replace(one!, three)
    toOne.targets = [three.port]
    proxy.targets = [three.port, two!.port]
    toOne.cut()
    const boards = [left!, await watch(lesson, lesson.teacherAt(three.port))]

    // Redis restarts during play.
    const next = lesson.moments + 5 + Math.floor(random() * 40)
    const going = lesson.playAll(1, SEED)
    await lesson.changed.until(() => lesson.moments >= next)
    await redis.kill()
    await redis.start()
    await going
    await Promise.all([two!, three].map((node) => node.until(/Redis is back\./)))
    await lesson.changed.until(() => boards.every((board) => allFinished(board, 'data')))
    await lesson.playAll(2, SEED)
    await lesson.changed.until(() => boards.every((board) => allFinished(board, 'close-client')))
    await expectAllWritten(databaseUrl, lesson)
  })

  test(`while Redis is away a pair on two nodes is in one round, through both legs and on to the next exercise (SEED=${SEED})`, async () => {
    const { databaseUrl, redis, running } = nodes()
    const [one, two] = running.map(({ port }) => port) as [number, number]
    const seats = [one, two] as const
    const link = await nodes().link()
    const lesson = await Lesson.open({ port: one, link, pairs: 1, playlist: ['handshake', 'data'], seats })
    await redis.kill()
    await lesson.playAll(0, SEED)
    await expectAllWritten(databaseUrl, lesson)
    await lesson.move(1)
    const [pair] = lesson.pairs
    const round = await lesson.next(pair!)
    expect(pair!.map(({ place }) => place?.round?.id)).toEqual([round, round])
    await redis.start()
    for (const node of running) expect(await node.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})
