/** How a page behaves in networks that block WebSockets, in browsers that store nothing, and when files do not load. */
import { expect, inject, test } from 'vitest'
import type { NewSession } from '../../contract/requests.ts'
import { startBlockingProxy, WAYS_TO_BLOCK } from '../support/blocking-proxy.ts'
import { inBrowser, inspect, until } from '../support/browser.ts'
import { lessonOf, serverFixture } from '../support/server-fixture.ts'
import { seated, Student } from '../support/student.ts'
import { opened } from './flawless-play.ts'

const LESSON: NewSession = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false }

inBrowser('where something is blocked', (browser) => {
  async function lesson() {
    const fixture = await serverFixture(browser())
    const teacher = await fixture.come({ refusals: true })
    await teacher.post('/api/teacher/link', { token: fixture.link })
    return { ...fixture, teacher, ...(await lessonOf(teacher, LESSON)) }
  }

  test.each(WAYS_TO_BLOCK)('live traffic goes by long polling where a proxy deals with WebSockets so: %s', async (way) => {
    const { come, join, steer } = await lesson()
    const proxy = await startBlockingProxy(inject('server').port, way)
    const students = await Promise.all(
      ['Ann', 'Bob'].map(async (name) => {
        const guest = await come({ port: proxy.port, refusals: true })
        const page = await guest.open(await join(guest, name))
        await page.getByText(guest.say('waiting_for_partner')).waitFor()
        return new Student(name, page, guest.say)
      }),
    )
    expect(proxy.upgrades).toBeGreaterThanOrEqual(2)
    await steer('pairing', { odd: 'built-in' })
    await steer('position', { position: 0 })
    await Promise.all(students.map(({ page }) => page.locator('.panel').waitFor()))
    const pair = await seated(students[0]!, students[1]!)
    await opened(pair)
    await pair.server.has('SYN')
  })

  test.each(['refuse', 'hang'] as const)('where nothing live passes (%s), both pages say so and what to ask for', async (way) => {
    const { come, join, session, teacher } = await lesson()
    const proxy = await startBlockingProxy(inject('server').port, way)
    proxy.blocksPolling = true
    const host = `127.0.0.1:${proxy.port}`
    const student = await come({ port: proxy.port, refusals: true, lang: 'zh', width: 390 })
    const page = await student.open(await join(student, 'Ann'))
    await page.getByText(student.say('blocked_text', { host })).waitFor()
    await inspect(page, `blocked-student-${way}`)
    // Cookies do not depend on the port.
    const board = await teacher.context.newPage()
    await board.goto(`http://${host}/teach/${session.id}`)
    await board.getByText(teacher.say('blocked_text', { host })).waitFor()
    await inspect(board, `blocked-teacher-${way}`)
    proxy.blocksPolling = false
    await page.getByText(student.say('waiting_for_partner')).waitFor()
    await until(() => page.getByText(student.say('blocked_title')).count(), 0)
  })

  test.each([
    ['en', 1440],
    ['zh', 390],
  ] as const)('the check page says that all is well (%s, %i px)', async (lang, width) => {
    const { come } = await serverFixture(browser())
    const { open, say } = await come({ lang, width, refusals: true })
    const page = await open('/check')
    await page.getByText(say('check_well')).waitFor()
    await inspect(page, 'check-well')
  })

  test.each([
    ['en', 390],
    ['zh', 1440],
  ] as const)('the check page tells what is blocked, and what to do (%s, %i px)', async (lang, width) => {
    const { come } = await serverFixture(browser())
    const proxy = await startBlockingProxy(inject('server').port, 'refuse')
    const { open, say } = await come({ lang, width, port: proxy.port, refusals: true })
    const page = await open('/check')
    const host = `127.0.0.1:${proxy.port}`
    await page.getByText(say('check_able')).waitFor()
    await page.getByText(say('check_websocket_failed', { host })).waitFor()
    await inspect(page, 'check-able')
    proxy.blocksPolling = true
    await page.getByRole('button', { name: say('check_again') }).click()
    await page.getByText(say('check_unable')).waitFor()
    await page.getByText(say('check_polling_failed', { host })).waitFor()
    await inspect(page, 'check-unable')
  })

  test('a browser that blocks storage and cookies shows the pages, and says that a seat needs a cookie', async () => {
    const { come, session } = await lesson()
    const { context, open, say } = await come()
    await context.addInitScript(`
      for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(globalThis, name, { get() { throw new DOMException('Access is denied.', 'SecurityError') } })
      Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} })`)
    const page = await open(`/j/${session.code}`)
    await page.getByLabel(say('join_name')).fill('Ann')
    await page.keyboard.press('Enter')
    await page.getByText(say('cookies_needed')).waitFor()
    await inspect(page, 'join-cookies-blocked')
    await page.goto('/check')
    await page.getByText(say('check_unable')).waitFor()
    expect(await page.getByText(/^Blocked\./).count()).toBe(2)
    for (const path of ['/practice', '/glossary', '/teach']) {
      await page.goto(path)
      await page.locator('h1').first().waitFor()
    }
  })

  test('a file that does not load is fetched again; one that stays away is said, with a way to reload', async () => {
    const { come } = await serverFixture(browser())
    const { context, open, say } = await come({ refusals: true })
    // The texts, without which the page shows nothing, and a part of the page.
    for (const file of [/assets\/student\.en-.*\.js/, /assets\/GlossaryPage-.*\.js/])
      await context.route(file, (route) => route.abort(), { times: 1 })
    const page = await open('/glossary')
    await page.locator('h1').waitFor()
    await context.route(/assets\/PracticePage-.*\.js/, (route) => route.abort())
    await page.goto('/practice')
    await page.getByText(say('part_missing')).waitFor()
    await context.unroute(/assets\/PracticePage-.*\.js/)
    await page.getByRole('button', { name: say('part_reload') }).click()
    await page.locator('h1').first().waitFor()
    expect(await page.getByText(say('part_missing')).count()).toBe(0)
  })
})
