/**
 * One exercise of each TCP topic, played to its end in the browser, both by two people and alone against the built-in partner.
 */
import { SEATS } from '../../protocol/seat.ts'
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { inBrowser, inspect } from '../support/browser.ts'
import { playOut } from '../support/engine-driven-player.ts'
import { lessonOf, serverFixture, type ServerFixture } from '../support/server-fixture.ts'
import { seated, Student } from '../support/student.ts'

/** The handshake comes first, because the old SYN of `why-three-stale-syn` comes from it. */
const PLAYED = ['handshake', 'data', 'close-simultaneous', 'why-three-stale-syn', 'wraparound']
const INSPECTED = 'why-three-stale-syn'
const exercises = loadExercises('exercises')

inBrowser('exercises in the browser', (browser) => {
  test('as two people, in English; then alone against the partner, in Chinese', async () => {
    const server = await serverFixture(browser())
    await together(server)
    await alone(server)
  })
})

async function together({ prisma, come, comeAsTeacher }: ServerFixture): Promise<void> {
  const teacher = await comeAsTeacher()
  const lesson = await lessonOf(teacher, { title: 'Monday', level: 'guided', playlist: PLAYED, swap: false })
  const join = async (name: string) => {
    const guest = await come()
    return new Student(name, await guest.open(await lesson.join(guest, name)), guest.say)
  }
  const [ann, bob] = await Promise.all([join('Ann'), join('Bob')])
  await Promise.all([ann, bob].map(({ page, say }) => page.getByText(say('waiting_for_partner')).waitFor()))
  await lesson.steer('pairing', { odd: 'built-in' })
  for (const position of PLAYED.keys()) {
    await lesson.steer('position', { position })
    await Promise.all([ann, bob].map((student) => (position > 0 ? student.goOn() : student.page.locator('.panel').waitFor())))
    await playOut(prisma, await seated(ann, bob))
    for (const { page, say } of [ann, bob]) await page.getByText(say('over_goal')).waitFor()
  }
}

async function alone({ prisma, come }: ServerFixture): Promise<void> {
  const guest = await come({ lang: 'zh', theme: 'dark', width: 390 })
  const page = await guest.open('/practice')
  for (const [i, id] of PLAYED.entries()) {
    if (i > 0) await page.goto('/practice')
    const seat = SEATS[i % 2]!
    await page.getByLabel(guest.say('partner_at_once')).check()
    const item = page.locator('li', { hasText: exercises.get(id)!.point.zh })
    await item.locator(`button.${seat}`).press('Enter')
    await page.locator('.panel').waitFor()
    if (id === INSPECTED) {
      await page.locator('.brief .term').first().press('Enter')
      await page.locator('.note').waitFor()
      await inspect(page, `alone-${id}`)
      await page.keyboard.press('Escape')
      expect(await page.locator('.note').count()).toBe(0)
    }
    await playOut(prisma, { [seat]: new Student('me', page, guest.say) })
    await page.getByText(guest.say('over_goal')).waitFor()
  }
}
