/** Common problems in classrooms: reloads, two tabs, broken connections, partners who leave. Nobody may lose anything by them. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { NewSession } from '../../contract/requests.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import type { Lang } from '../../protocol/round/model/exercise.ts'
import { inBrowser, inspect, until, type VisitorOptions } from '../support/browser.ts'
import { playOut } from '../support/engine-driven-player.ts'
import { lessonOf, serverFixture } from '../support/server-fixture.ts'
import { seated, Student, type Pair } from '../support/student.ts'
import { sayIn } from '../support/words.ts'
import { conclude } from './flawless-play.ts'

const SYN_ACK = { bits: ['S', 'A'], seq: 'y', ack: 'x+1', state: 'SYN-RECEIVED' } as const
const WRITTEN = { bits: ['SYN', 'ACK'], seq: 'y', ack: 'x+1', octets: '', state: 'SYN-RECEIVED' }

inBrowser('faults in the browser', (browser) => {
  /** A session on the server, and functions for its visitors. */
  async function classroom() {
    const { prisma, come, comeAsTeacher } = await serverFixture(browser())
    const wanted: NewSession = { title: 'Monday', level: 'guided', playlist: ['handshake', 'data'], swap: false }
    const teacher = await comeAsTeacher()
    const { session, steer, join } = await lessonOf(teacher, wanted)
    const student = async (name: string, options: VisitorOptions = {}) => {
      const guest = await come(options)
      const page = await guest.open(await join(guest, name))
      await page.getByText(guest.say('waiting_for_partner')).waitFor()
      return new Student(name, page, guest.say)
    }
    return { prisma, session, come, steer, student }
  }

  /** A pair in the middle of the handshake: the client's SYN has arrived, and the server has to answer. */
  async function midway() {
    const live = await classroom()
    const [ann, bob] = await Promise.all([live.student('Ann'), live.student('Bob')])
    await live.steer('pairing', { odd: 'built-in' })
    await live.steer('position', { position: 0 })
    await Promise.all([ann, bob].map(({ page }) => page.locator('.panel').waitFor()))
    const pair = await seated(ann, bob)
    await playOut(live.prisma, pair, { until: ({ seats }) => seats.server.openEvents.length > 0 })
    await pair.server.has('SYN')
    return { ...live, pair }
  }

  /** Goes on with what is in the server's form. */
  async function goOn({ client, server }: Pair): Promise<void> {
    await server.press()
    await server.hasSent()
    await client.has('SYN,ACK')
  }

  test('a reload in the middle of a segment loses nothing that was typed', async () => {
    const { pair } = await midway()
    await pair.server.write(SYN_ACK)
    await pair.server.page.reload()
    await until(() => pair.server.form(), WRITTEN)
    await goOn(pair)
  })

  test('a page from before an upgrade reloads itself once, then says what is wrong, and goes on where a node of its version answers', async () => {
    const { student } = await classroom()
    const { page, say } = await student('Ann', { young: true })
    let isOld = true
    let connections = 0
    let loads = 0
    page.on('load', () => loads++)
    await page.routeWebSocket(/socket\.io/, (socket) => {
      connections++
      const server = socket.connectToServer()
      socket.onMessage((text) =>
        server.send(isOld ? text.toString().replace(`"wire":${WIRE_VERSION}`, `"wire":${WIRE_VERSION - 1}`) : text),
      )
    })
    await page.reload()
    await until(async () => loads === 2 && connections >= 4, true) // refused before and twice after its own reload
    await page.getByText(say('error_outdated')).waitFor()
    await inspect(page, 'outdated')
    expect(loads).toBe(2)
    isOld = false
    await page.getByText(say('waiting_for_partner')).waitFor()
  })

  test('a switch of the language loses nothing that was typed; without a network the language stays, and one can go on', async () => {
    const { pair } = await midway()
    const { page, say } = pair.server
    await pair.server.write(SYN_ACK)
    const choose = (name: string) => page.getByRole('button', { name, exact: true }).click()
    const send = (lang: Lang) => page.getByRole('button', { name: sayIn(lang)('act_send') })
    await page.context().setOffline(true)
    const failed = page.waitForEvent('requestfailed', (request) => request.resourceType() === 'script')
    await choose(say('language_switch'))
    await failed
    await send('en').waitFor()
    expect(await pair.server.form()).toEqual(WRITTEN)
    await page.context().setOffline(false)
    for (const [from, to] of [
      ['en', 'zh'],
      ['zh', 'en'],
    ] as const) {
      await choose(sayIn(from)('language_switch'))
      await send(to).waitFor()
      expect(await page.locator('html').getAttribute('lang')).toMatch(new RegExp(`^${to}`))
      expect(await pair.server.form()).toEqual(WRITTEN)
    }
    await page.locator('#ack').focus()
    await goOn(pair)
  })

  test('a second tab has the same seat, and both go on', async () => {
    const { pair } = await midway()
    const { client, server } = pair
    const tab = await server.page.context().newPage()
    await tab.goto(server.page.url())
    const second = new Student(server.name, tab, server.say)
    await second.has('SYN')
    expect(await second.seat()).toBe('server')
    await second.send(SYN_ACK)
    await server.isIn('SYN-RECEIVED')
    await client.has('SYN,ACK')
    await tab.close()
    await client.send({ bits: ['A'], seq: 'x+1', ack: 'y+1', state: 'ESTABLISHED' })
    await server.has('ACK')
    await expect(client.page.getByText(client.say('partner_away')).count()).resolves.toBe(0)
    await server.claim('ESTABLISHED')
    await conclude(client, server, 'handshake')
    await server.page.getByText(server.say('over_goal')).waitFor()
  })

  test('an act made while the network is down is kept, and done once when it is back', async () => {
    const { pair } = await midway()
    const { client, server } = pair
    await server.write(SYN_ACK)
    await server.page.context().setOffline(true)
    await server.press()
    await server.page.getByText(server.say('link_pending')).first().waitFor()
    await inspect(server.page, 'round-offline')
    expect(await server.form()).toEqual(WRITTEN)
    await server.page.context().setOffline(false)
    await server.hasSent()
    await server.page.getByText(server.say('link_pending')).first().waitFor({ state: 'detached' })
    await client.has('SYN,ACK')
    await expect(client.page.locator('tbody tr', { hasText: 'SYN,ACK' }).count()).resolves.toBe(1)
  })

  test('an act that was kept while the class moved on is told to its author in the next round: it came too late', async () => {
    const { pair, steer } = await midway()
    const { page, say } = pair.server
    const address = page.url()
    await pair.server.write(SYN_ACK)
    await page.context().setOffline(true)
    await pair.server.press()
    await page.getByText(say('link_pending')).first().waitFor()
    await page.goto('about:blank')
    await steer('position', { position: 1 })
    await page.context().setOffline(false)
    await page.goto(address)
    await page.locator('.panel').waitFor()
    const told = page.getByText(say('error_round_over'))
    await told.waitFor()
    await inspect(page, 'round-late-act')
    await page.setViewportSize({ width: 390, height: 844 })
    await inspect(page, 'round-late-act')
    await page.getByRole('button', { name: say('late_read') }).click()
    await told.waitFor({ state: 'detached' })
  })

  test('a partner who leaves is shown as away, and as back; play goes on', async () => {
    const { pair } = await midway()
    const { client, server } = pair
    const address = client.page.url()
    await client.page.goto('about:blank')
    await server.page.getByText(server.say('partner_away')).waitFor()
    await inspect(server.page, 'round-partner-away')
    await server.send(SYN_ACK)
    await client.page.goto(address)
    await server.page.getByText(server.say('partner_away')).waitFor({ state: 'detached' })
    await client.has('SYN,ACK')
  })

  test('the teacher moves on while a student types: the round ends in words, and the next one is a key away', async () => {
    const { pair, steer } = await midway()
    await pair.server.write(SYN_ACK)
    await steer('position', { position: 1 })
    for (const { page, say } of [pair.client, pair.server]) await page.getByText(say('over_moved_on')).waitFor()
    await inspect(pair.server.page, 'summary-moved-on')
    await Promise.all([pair.client, pair.server].map((student) => student.goOn()))
    expect(await pair.server.form()).toEqual({ bits: [], seq: '', ack: '', octets: '', state: '' })
  })

  test('an input method that composes keeps Enter and letters for itself', async () => {
    const { pair } = await midway()
    const { server } = pair
    await server.write(SYN_ACK)
    await server.page.locator('#ack').fill('')
    const ime = await server.page.context().newCDPSession(server.page)
    await ime.send('Input.imeSetComposition', { text: 'x+', selectionStart: 2, selectionEnd: 2 })
    for (const type of ['rawKeyDown', 'keyUp'] as const) {
      await ime.send('Input.dispatchKeyEvent', { type, key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 })
    }
    await ime.send('Input.insertText', { text: 'ｘ＋１' })
    expect(await server.form()).toEqual({ ...WRITTEN, ack: 'ｘ＋１' })
    await expect(server.page.locator('.panel .refusal').count()).resolves.toBe(0)
    await goOn(pair)
  })

  test('the same browser again: continue as the one who was here, or join as someone else; a name in use gets a suffix', async () => {
    const { come, session } = await classroom()
    const visitor = await come()
    const { say } = visitor
    const enter = async (page: Page, name: string) => {
      await page.getByLabel(say('join_name')).fill(name)
      await page.keyboard.press('Enter')
    }
    const first = await visitor.open(`/j/${session.code}`)
    await enter(first, 'Heron')
    await first.getByText(say('waiting_for_partner')).waitFor()

    const second = await visitor.open(`/j/${session.code}`)
    await second.getByRole('button', { name: say('join_continue_as', { name: 'Heron' }) }).waitFor()
    await inspect(second, 'join-known')
    await second.getByRole('button', { name: say('join_as_other') }).click()
    await enter(second, 'Heron')
    const renamed = second.getByRole('heading', { name: /^You are Heron.+/ })
    await renamed.waitFor()
    await inspect(second, 'join-renamed')
    const called = /Heron.+/.exec((await renamed.textContent()) ?? '')?.[0]
    await second.keyboard.press('Enter')
    await second.getByText(say('waiting_you_are', { name: called ?? '' })).waitFor()
    expect(second.url()).not.toBe(first.url())

    const third = await visitor.open(`/j/${session.code}`)
    await third.getByRole('button', { name: say('join_continue_as', { name: 'Heron' }), exact: true }).click()
    await third.getByText(say('waiting_you_are', { name: 'Heron' }), { exact: true }).waitFor()
    expect(third.url()).toBe(first.url())
  })

  test('a wrong code says so and keeps what was typed; the right one goes on', async () => {
    const { come, session } = await classroom()
    const { say, open } = await come({ refusals: true })
    const page = await open('/')
    await page.getByLabel(say('join_code')).waitFor()
    await page.keyboard.type('QQQQQQ')
    await page.keyboard.press('Enter')
    await page.getByText(say('error_wrong_code')).waitFor()
    await inspect(page, 'join-wrong-code')
    expect(await page.getByLabel(say('join_code')).inputValue()).toBe('QQQQQQ')
    await page.getByLabel(say('join_code')).fill(session.code.toLowerCase())
    await page.keyboard.press('Enter')
    await page.getByLabel(say('join_name')).waitFor()
  })

  test('a seat that is not this browser’s says so, and leads to the way in', async () => {
    const { student, come } = await classroom()
    const heron = await student('Heron')
    const { open, say } = await come()
    const page = await open(new URL(heron.page.url()).pathname)
    await page.getByText(say('denied_title')).waitFor()
    await inspect(page, 'denied')
    await page.getByRole('link', { name: say('not_found_go') }).click()
    await page.getByLabel(say('join_code')).waitFor()
  })
})
