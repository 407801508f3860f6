/** How a page behaves in networks that block WebSockets, in browsers that store nothing, and when files do not load. */
import type { Locator } from 'playwright-core'
import { expect, inject, onTestFinished, test } from 'vitest'
import { OPEN_TIMEOUT_MS } from '../../client/src/lib/socket.ts'
import type { NewSession } from '../../contract/requests.ts'
import { startBlockingProxy, WAYS_TO_BLOCK, type WayToBlock } from '../support/blocking-proxy.ts'
import { inBrowser, inspect, until } from '../support/browser.ts'
import { lessonOf, serverFixture, type Guest } from '../support/server-fixture.ts'
import { seated, Student } from '../support/student.ts'
import { opened } from './flawless-play.ts'

/** Ms of the page's clock before the second attempt to connect, at most: half as much again as Socket.IO's first delay. */
const LONGEST_FIRST_RETRY_MS = 750

const LESSON: NewSession = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false }

inBrowser('where something is blocked', (browser) => {
  async function lesson() {
    const fixture = await serverFixture(browser())
    const teacher = await fixture.comeAsTeacher({ refusals: true })
    return { ...fixture, teacher, ...(await lessonOf(teacher, LESSON)) }
  }

  test('live traffic goes by long polling, whatever a proxy does to WebSockets: refuse, strip, hang or swallow', async () => {
    const { come, join, steer } = await lesson()
    const comeBehind = async (way: WayToBlock) => {
      const proxy = await startBlockingProxy([inject('server').port], way)
      const guest = await come({ port: proxy.port, refusals: true })
      const address = await join(guest, way)
      const page = await guest.open(address)
      await page.getByText(guest.say('waiting_for_partner')).waitFor()
      expect(proxy.upgrades, way).toBeGreaterThan(0)
      return { id: address.slice('/r/'.length), student: new Student(way, page, guest.say) }
    }
    const people = await Promise.all(WAYS_TO_BLOCK.map(comeBehind))
    const pairs = [people.slice(0, 2), people.slice(2)]
    for (const pair of pairs) await steer('pairs', { members: pair.map(({ id }) => id) })
    await steer('position', { position: 0 })
    await Promise.all(
      pairs.map(async (both) => {
        const [one, other] = both.map(({ student }) => student)
        await Promise.all([one!, other!].map(({ page }) => page.locator('.panel').waitFor()))
        const pair = await seated(one!, other!)
        await opened(pair)
        await pair.server.send({ bits: ['S', 'A'], seq: 'y', ack: 'x+1', state: 'SYN-RECEIVED' })
        await pair.client.has('SYN,ACK')
      }),
    )
  })

  /** A student's page and the teacher's board, each behind a proxy through which nothing live passes. */
  async function behindProxies(way: WayToBlock) {
    const { come, join, session, teacher } = await lesson()
    const behind = async (guest: Guest, path: string) => {
      const proxy = await startBlockingProxy([inject('server').port], way)
      proxy.blocksPolling = true
      const host = `127.0.0.1:${proxy.port}`
      const page = await guest.context.newPage()
      return { proxy, page, url: `http://${host}${path}`, notice: page.getByText(guest.say('blocked_text', { host })) }
    }
    const student = await come({ refusals: true, lang: 'zh', width: 390 })
    // Cookies do not depend on the port.
    const pages = [await behind(student, await join(student, 'Ann')), await behind(teacher, `/teach/${session.id}`)] as const
    return { student, pages }
  }

  test('where nothing live passes, both pages say so within ten seconds', async () => {
    const { pages } = await behindProxies('hang')
    await Promise.all(
      pages.map(async ({ proxy, page, url, notice }) => {
        // The clock stands, except while a test moves it on: a request takes no time.
        const start = Date.now()
        await page.clock.install({ time: start })
        await page.clock.pauseAt(start + 1_000)
        await page.goto(url)
        const attempt = (count: number) => until(async () => proxy.blocked >= count, true)
        await attempt(1)
        await page.clock.runFor(OPEN_TIMEOUT_MS + LONGEST_FIRST_RETRY_MS)
        await attempt(2)
        await page.clock.runFor(OPEN_TIMEOUT_MS)
        await notice.waitFor()
        expect((await page.evaluate<number>('Date.now()')) - (start + 1_000)).toBeLessThanOrEqual(10_000)
      }),
    )
  })

  test('where nothing live passes, both pages say what to ask for, and go on once something does', async () => {
    const { student, pages } = await behindProxies('refuse')
    await Promise.all(
      pages.map(async ({ page, url, notice }, i) => {
        await page.goto(url)
        await notice.waitFor()
        await inspect(page, i === 0 ? 'blocked-student' : 'blocked-teacher')
      }),
    )
    const [{ proxy, page, notice }] = pages
    proxy.blocksPolling = false
    await page.getByText(student.say('waiting_for_partner')).waitFor()
    await until(() => notice.count(), 0)
  })

  test('the check page says that all is well', async () => {
    const { come } = await serverFixture(browser())
    const { open, say } = await come({ lang: 'zh', width: 390, refusals: true })
    const page = await open('/check')
    await page.getByText(say('check_well')).waitFor()
    const left = (selector: string) =>
      page.locator(selector).evaluateAll((all) =>
        all.map((element) => {
          const { left, width } = element.getBoundingClientRect()
          return [left, width > 0]
        }),
      )
    expect(await left('dt span:last-child'), 'titles and texts begin at one line').toEqual(await left('dd'))
    await inspect(page, 'check-well')
  })

  test.each([
    ['en', 390],
    ['zh', 1440],
  ] as const)('the check page tells what is blocked, and what to do (%s, %i px)', async (lang, width) => {
    const { come } = await serverFixture(browser())
    const proxy = await startBlockingProxy([inject('server').port], 'refuse')
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
    const { context, open, say } = await come({ refusals: true })
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
    await context.clock.install()
    const page = await open('/glossary')
    /** Waits until it is there; the time between two attempts to load something passes at once. */
    const appears = (what: Locator) =>
      until(async () => {
        await context.clock.runFor(2_000)
        return (await what.count()) > 0
      }, true)
    await appears(page.locator('h1'))
    // It stays away until the page is loaded a second time.
    let pageLoads = 0
    page.on('request', (request) => void (pageLoads += request.isNavigationRequest() ? 1 : 0))
    await context.route(/assets\/PracticePage-.*\.js/, (route) => (pageLoads > 1 ? route.continue() : route.abort()))
    await page.goto('/practice')
    await appears(page.getByText(say('part_missing')))
    await page.getByRole('button', { name: say('part_reload') }).click()
    await page.locator('h1').first().waitFor()
    expect(await page.getByText(say('part_missing')).count()).toBe(0)
  })

  test.each([
    ['knows no modules', 'delete HTMLScriptElement.prototype.noModule', null],
    ['lacks a function that the pages use', 'delete Array.prototype.findLast', null],
    ['fails before anything is shown', 'delete globalThis.queueMicrotask', null],
    ['does not understand a script', '', 'let let = 1'],
  ])('a browser that %s is told which ones work', async (_, removal, script) => {
    const context = await browser().newContext({ baseURL: `http://127.0.0.1:${inject('server').port}` })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await context.addInitScript(removal)
    if (script)
      await context.route(/assets\/index-.*\.js/, (route) => route.fulfill({ body: script, contentType: 'text/javascript' }))
    await page.goto('/')
    const notice = page.getByText('This browser is too old for Handshake Classroom.')
    await notice.waitFor()
    expect(await notice.textContent()).toContain('这个浏览器版本太旧')
  })
})
