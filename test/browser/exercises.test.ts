/** One exercise of each topic of TCP, played to its end in the browser, alone against the built-in partner. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { SEATS } from '../../protocol/world/exercise.ts'
import { loadExercises } from '../../exercises/load.ts'
import { chromium, inspect, launch, visit, type VisitorOptions } from '../support/browser.ts'
import { testDatabase } from '../support/database.ts'
import { startServer } from '../support/process.ts'
import { playOut } from '../support/seat-hand.ts'
import { Student } from '../support/student.ts'

/** The handshake is what the old SYN of `why-three-stale-syn` comes from. */
const PLAYED = ['handshake', 'handshake-lost-ack', 'data', 'close-simultaneous', 'why-three-stale-syn', 'wraparound']
const INSPECTED = 'why-three-stale-syn'
const exercises = loadExercises('exercises')

describe.skipIf(!chromium)('exercises in the browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  async function server() {
    const database = await testDatabase()
    onTestFinished(() => database.stop())
    const { port } = await startServer({ DATABASE_URL: database.url })
    const come = async (options: VisitorOptions = {}) => {
      const visitor = await visit(browser, `http://127.0.0.1:${port}`, options)
      onTestFinished(async () => {
        await visitor.context.close()
        expect(visitor.complaints).toEqual([])
      })
      return visitor
    }
    return { prisma: database.prisma, come }
  }

  test('alone against the partner, in Chinese', { timeout: 300_000 }, async () => {
    const { prisma, come } = await server()
    const visitor = await come({ lang: 'zh', theme: 'dark', width: 390 })
    for (const [i, id] of PLAYED.entries()) {
      const page = await visitor.open('/practice')
      const seat = SEATS[i % 2]!
      const atOnce = page.getByLabel(visitor.say('partner_at_once'))
      await atOnce.check()
      const item = page.locator('li', { hasText: exercises.get(id)!.point.zh })
      await item.locator(`button.${seat}`).press('Enter')
      await page.locator('.panel').waitFor()
      const me = new Student('me', page, visitor.say)
      if (id === INSPECTED) await inspect(page, `alone-${id}`)
      await playOut(prisma, { [seat]: me })
      await page.getByText(visitor.say('over_goal')).waitFor()
      await page.close()
    }
  })
})
