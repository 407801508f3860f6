/** The projector view: readable from the last row, and without a name, whatever is shown. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Board, SessionInfo } from '../../contract/answers.ts'
import { inBrowser, inspect, until } from '../support/browser.ts'
import { lessonOf, serverFixture } from '../support/server-fixture.ts'

/** CSS px that the smallest type must have at a width of 1920. */
const SMALLEST_TYPE = 36

/** The smallest type of all texts that can be seen, in CSS px. */
const measureSmallestType = (page: Page) =>
  page.evaluate<number>(`Math.min(...[...document.querySelectorAll('.screen *')]
    .filter((e) => !e.closest('.hidden') && e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((e) => parseFloat(getComputedStyle(e).fontSize)))`)

inBrowser('the projector view', (browser) => {
  test('shows each of its panels at 36 px or more, and neither its texts nor its traffic name a student', async () => {
    const { comeAsTeacher } = await serverFixture(browser())
    const teacher = await comeAsTeacher({ width: 1920 })
    const { session, steer } = await lessonOf(teacher, {
      title: 'Lesson',
      level: 'guided',
      playlist: ['handshake'],
      swap: false,
    })
    const traffic: string[] = []
    const page = await teacher.open('/teach')
    page.on('response', (answer) => {
      if (answer.url().includes('/api/'))
        void answer.text().then(
          (text) => traffic.push(text),
          () => {}, // the page was left before it had read the answer
        )
    })
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => traffic.push(String(payload))))
    const shown: string[] = []
    const look = async (name: string) => {
      expect(await measureSmallestType(page), name).toBeGreaterThanOrEqual(SMALLEST_TYPE)
      shown.push(await page.locator('body').innerText())
      await inspect(page, `screen-${name}`)
    }

    await page.goto(`/teach/${session.id}/screen`)
    await page.locator('.code').waitFor()
    await look('joining')

    // A lesson like it, which a program plays.
    const rehearsal = await teacher.post<SessionInfo>(`/api/sessions/${session.id}/rehearsals`, { students: 8, speed: 60 })
    const answer = await teacher.context.request.get(`/api/sessions/${rehearsal.id}`)
    const { participants } = (await answer.json()) as Board
    await page.goto(`/teach/${rehearsal.id}/screen`)
    await until(async () => Number(await page.locator('.through b').innerText()) > 0, true)
    await look('playing')
    await page.keyboard.press('m')
    await page.locator('.mistakes li b').first().waitFor()
    await look('mistakes')
    for (const step of ['name', 'said', 'why']) {
      await page.keyboard.press('ArrowRight')
      await page.locator({ name: '.card .name', said: '.card p:nth-child(3)', why: '.card .why' }[step]!).waitFor()
    }
    await look('mistake')
    await page.keyboard.press('b')
    await page.locator('.ladder svg text').first().waitFor()
    await look('best')
    await page.keyboard.press('c')
    await page.locator('.clock').waitFor()
    await look('clock')
    await page.keyboard.press('w')
    await page.keyboard.press('1')
    await page.locator('.sentence', { hasText: /\S/ }).waitFor()
    await page.keyboard.press('PageDown')
    await page.getByText(teacher.say('screen_step', { number: 2, of: '' })).waitFor()
    await look('walk')
    await page.keyboard.press('h')
    await page.locator('nav').waitFor({ state: 'hidden' })

    await steer('end')
    const names = participants.map(({ name }) => name)
    expect(names).toHaveLength(8)
    for (const name of names) {
      const word = RegExp(`\\b${name}\\b`)
      expect(shown.filter((text) => word.test(text))).toEqual([])
      expect(traffic.filter((text) => word.test(text))).toEqual([])
    }
    expect(traffic.some((text) => text.includes('"entries"'))).toBe(true)
  })
})
