/** `kill -9` during play: every acknowledged action is kept, exactly once, and everybody plays on. */
import { expect, test } from 'vitest'
import { Lesson } from '../support/lesson.ts'
import { dataDirectory, startServer } from '../support/process.ts'
import { isAlive, postgresOf, postmaster } from '../support/spawn.ts'
import { startProxy } from '../support/proxy.ts'
import { numbers } from '../support/random.ts'
import { expectAllWritten } from '../support/written.ts'
import { count, SEED } from '../support/volume.ts'

const KILLS = count('kills')
const PAIRS = 4
/** The smallest and the largest number of acts sent and answered between two kills. */
const [FEWEST, MOST] = [10, 50]

test(`kill -9 ${KILLS} times in the middle of play: no acknowledged action is lost or doubled (SEED=${SEED})`, async () => {
  const random = numbers(SEED)
  const dataDir = await dataDirectory()
  const start = () => startServer({ DATA_DIR: dataDir })
  let server = await start()
  const proxy = await startProxy([server.port])
  const playlist = Array.from({ length: 30 }, (_, i) => ['handshake', 'data', 'close-client'][i % 3] as string)
  const lesson = await Lesson.open({ port: proxy.port, link: server.link, pairs: PAIRS, playlist })

  let kills = 0
  let serving = true
  const dieAndReturn = async () => {
    while (kills < KILLS) {
      const next = lesson.moments + FEWEST + Math.floor(random() * (MOST - FEWEST))
      await lesson.changed.until(() => lesson.moments >= next)
      const orphan = postmaster(dataDir)
      kills++
      serving = false
      await server.kill('SIGKILL')
      server = await start()
      proxy.targets = [server.port]
      serving = true
      lesson.changed.tell()
      expect(orphan).not.toBeNull()
      expect(postmaster(dataDir)).not.toBe(orphan)
      expect(isAlive(orphan!), 'the orphaned PostgreSQL still runs').toBe(false)
    }
  }
  /** Opens an exercise. The teacher repeats the request as well if a kill interrupts it. */
  const move = async (position: number): Promise<unknown> => {
    await lesson.changed.until(() => serving)
    const before = kills
    return lesson.move(position).catch((error: unknown) => {
      if (kills === before) throw error
      return move(position)
    })
  }
  const play = async () => {
    for (let position = 0; kills < KILLS; position++) {
      await move(position)
      await lesson.playLegs(SEED + position)
    }
  }
  await Promise.all([dieAndReturn(), play()])

  expect(kills).toBe(KILLS)
  await expectAllWritten(postgresOf(dataDir), lesson)
  const last = postmaster(dataDir)
  expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(isAlive(last!)).toBe(false)
})
