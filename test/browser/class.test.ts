/** What the whole class does together, at the projector and at phones. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { SessionInfo } from '../../contract/answers.ts'
import { inBrowser, inspect, type Visitor } from '../support/browser.ts'
import { serverFixture } from '../support/server-fixture.ts'
import { leaveOutWarmUp } from './flawless-play.ts'

/** The smallest letters on the page, in CSS px. */
const smallestLetters = (page: Page) =>
  page.evaluate<number>(`Math.min(...[...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && element.checkVisibility())
    .map((element) => parseFloat(getComputedStyle(element).fontSize)))`)

const NAMES = ['Ada', 'Bob', 'Cyd']

inBrowser('class modes in the browser', (browser) => {
  /** A session at its projector page, and three people who have joined it on their phones. */
  const begin = async () => {
    const { link, come } = await serverFixture(browser())
    const teacher = await come({ width: 1920 })
    const board = await teacher.open(`/teach#link=${link}`)
    await leaveOutWarmUp(board, teacher.lang, teacher.say)
    await board.getByRole('button', { name: teacher.say('teach_new_create') }).click()
    await board.getByText(teacher.say('teach_no_students')).waitFor()
    const code = (await board.locator('.code').innerText()).replaceAll(/[^A-Z0-9]/g, '').slice(-6)
    const join = async (name: string, i: number) => {
      const visitor = await come({ width: 390, touch: true, lang: i === 1 ? 'zh' : 'en', theme: i === 2 ? 'dark' : 'light' })
      const page = await visitor.open(`/j/${code}`)
      await page.getByLabel(visitor.say('join_name')).fill(name)
      await page.keyboard.press('Enter')
      await page.getByText(visitor.say('waiting_for_partner')).waitFor()
      return { page, say: visitor.say }
    }
    const people: { readonly page: Page; readonly say: Visitor['say'] }[] = []
    for (const [i, name] of NAMES.entries()) people.push(await join(name, i))
    await board.getByRole('button', { name: teacher.say('teach_controls_more') }).click()
    await board.getByRole('button', { name: teacher.say('class_open'), exact: true }).click()
    await board.getByRole('heading', { name: teacher.say('class_choose') }).waitFor()
    await inspect(board, 'class-choice')
    return { teacher, screen: board, people }
  }
  /** A lesson that a program plays, at its projector page, and somebody without a pair who has joined it on a phone. */
  const rehearse = async (exercise: string) => {
    const { come, comeAsTeacher } = await serverFixture(browser())
    const teacher = await comeAsTeacher({ width: 1920 })
    const settings = { title: 'Tuesday', level: 'guided', playlist: [exercise], swap: false }
    const { id } = await teacher.post<SessionInfo>('/api/sessions', settings)
    const { id: rehearsal, code } = await teacher.post<SessionInfo>(`/api/sessions/${id}/rehearsals`, { students: 6, speed: 60 })
    const visitor = await come({ width: 390, touch: true, lang: 'zh' })
    const phone = await visitor.open(`/j/${code}`)
    await phone.getByLabel(visitor.say('join_name')).fill('Wanda')
    await phone.keyboard.press('Enter')
    await phone.getByText(visitor.say('waiting_for_partner')).waitFor()
    const screen = await teacher.open(`/teach/${rehearsal}/class`)
    return { teacher, screen, phone, say: visitor.say }
  }
  const expectNobodyNamed = async (screen: Page) => {
    const text = await screen.locator('body').innerText()
    for (const name of NAMES) expect(text).not.toContain(name)
    expect(await smallestLetters(screen)).toBeGreaterThanOrEqual(36)
  }

  test('the class is the flood: two vanish, the third is dropped, and gets in once their time is over', async () => {
    const { teacher, screen, people } = await begin()
    await screen.getByRole('button', { name: `${teacher.say('class_start')}: ${teacher.say('class_flood_title')}` }).click()
    // Everybody is told their number; the third that comes means it.
    const isHonest = async ({ page, say }: (typeof people)[number]) => {
      await page.locator('.host h1').waitFor()
      return page.getByText(say('class_flood_you_mean_it')).isVisible()
    }
    const honest = await Promise.all(people.map(isHonest))
    expect(honest.filter(Boolean)).toHaveLength(1)
    const third = people[honest.indexOf(true)]!
    const vanishing = people.filter((each) => each !== third)
    await third.page.getByText(third.say('class_flood_not_yet')).waitFor()
    await inspect(third.page, 'flood-honest')

    for (const [i, { page, say }] of vanishing.entries()) {
      if (i === 0) await page.getByRole('button', { name: say('class_send_due'), exact: true }).click()
      else {
        // Written by hand: wrong at first.
        await page.getByText(say('class_compose')).click()
        await page.getByRole('button', { name: 'SYN', exact: true }).click()
        await page.locator('#seq').fill('x+1')
        await page.getByText('SYN-SENT', { exact: true }).last().click()
        await page.locator('form [type=submit]').click()
        await page.locator('.refusal').waitFor()
        await inspect(page, 'flood-refused')
        await page.locator('#seq').fill('x')
        await page.locator('form [type=submit]').click()
      }
      await page.locator('.news.vanished').waitFor()
      await inspect(page, 'flood-vanished')
    }
    await screen.getByText(teacher.say('class_backlog', { taken: '2', places: '2' })).waitFor()
    await third.page.getByRole('button', { name: third.say('class_send_due'), exact: true }).click()
    await third.page.getByText(third.say('class_flood_dropped')).waitFor()
    await screen.locator('.refused dd').getByText('1').waitFor()
    await inspect(screen, 'flood-full')
    await expectNobodyNamed(screen)

    await screen.keyboard.press('t')
    await third.page.getByText(third.say('class_flood_resend')).waitFor()
    const send = () => third.page.getByRole('button', { name: third.say('class_send_due'), exact: true }).click()
    await send()
    await third.page.getByText(third.say('class_flood_answered')).waitFor()
    await send()
    await third.page.getByText(third.say('class_flood_connected')).waitFor()
    await inspect(third.page, 'flood-connected')
    await screen.locator('.good dd').getByText('1').waitFor()

    await screen.keyboard.press('2')
    await people[0]!.page.reload()
    for (const { page, say } of vanishing) await page.getByRole('button', { name: say('class_send_due'), exact: true }).click()
    await screen.getByText('131 070').waitFor()
    await inspect(screen, 'flood-two-way')
    await expectNobodyNamed(screen)
    await screen.keyboard.press('3')
    for (const { page, say } of vanishing) await page.getByRole('button', { name: say('class_send_due'), exact: true }).click()
    await screen
      .locator('dl div', { hasText: teacher.say('class_unheard') })
      .getByText('2')
      .waitFor()
    await inspect(screen, 'flood-cookies')

    // Somebody goes back to their own page, and takes part again.
    const { page, say } = vanishing[0]!
    await page.getByRole('button', { name: say('class_my_round') }).click()
    await page.getByRole('button', { name: say('class_return_go') }).click()
    await page.locator('.host h1').waitFor()
    await screen.getByRole('button', { name: teacher.say('class_end') }).click()
    await page.getByText(say('waiting_for_partner')).waitFor()
  })

  test('the key leaks: what was recorded with RSA opens across the room, what was recorded with ECDHE stays dark', async () => {
    const { teacher, screen, phone, say } = await rehearse('https-forward-secrecy')
    await screen.getByRole('button', { name: `${teacher.say('class_start')}: ${teacher.say('class_leak_title')}` }).click()
    await expect
      .poll(() => screen.getByText(teacher.say('class_leak_recorded', { recorded: 3 })).count(), { timeout: 60_000 })
      .toBe(2)
    await inspect(screen, 'leak-recorded')
    await expectNobodyNamed(screen)
    const strip = phone.getByRole('complementary', { name: say('class_leak_other') })
    await strip.getByText('17 03 03').first().waitFor()
    await inspect(phone, 'leak-recorded')

    await screen.keyboard.press('l')
    await screen.getByText(teacher.say('class_leak_opened', { opened: 3, recorded: 3 })).waitFor()
    await screen.getByText(teacher.say('class_leak_opened', { opened: 0, recorded: 3 })).waitFor()
    expect(await screen.locator('li.open').count()).toBe(3)
    await strip.getByText(/^(GET|POST) /).waitFor()
    await strip.getByText(say('class_leak_dark')).waitFor()
    await inspect(screen, 'leak-opened')
    await inspect(phone, 'leak-opened')
    await expectNobodyNamed(screen)
    await screen.getByRole('button', { name: teacher.say('class_end') }).click()
    await strip.waitFor({ state: 'detached' })
  })

  test('the longest wire: three phones play one connection, each segment by the next in line', async () => {
    const { teacher, screen, people } = await begin()
    await screen.getByRole('button', { name: `${teacher.say('class_start')}: ${teacher.say('class_relay_title')}` }).click()
    const numberOf = async ({ page, say }: (typeof people)[number]) => {
      await page.locator('.news').waitFor()
      const texts = NAMES.map((_, i) => page.getByText(say('class_relay_number', { number: i + 1 }), { exact: true }).isVisible())
      return (await Promise.all(texts)).indexOf(true)
    }
    const places = await Promise.all(people.map(numberOf))
    expect([...places].sort()).toEqual([0, 1, 2])
    const line = NAMES.map((_, i) => people[places.indexOf(i)]!)

    // The first segment is written by hand: wrong, then right.
    const [first] = line
    await inspect(first!.page, 'wire-turn')
    await inspect(line[1]!.page, 'wire-waits')
    await first!.page.getByRole('button', { name: 'SYN', exact: true }).click()
    await first!.page.locator('#seq').fill('x+1')
    await first!.page.getByText('SYN-SENT', { exact: true }).last().click()
    await first!.page.locator('form [type=submit]').click()
    await first!.page.locator('.refusal').waitFor()
    await first!.page.locator('#seq').fill('x')
    await first!.page.locator('form [type=submit]').click()
    await screen.getByText('seq=x', { exact: true }).waitFor()

    // Somebody is not there: the turn is passed on.
    await line[1]!.page.getByRole('button', { name: line[1]!.say('class_relay_help') }).waitFor()
    await screen.keyboard.press('n')
    let turn = 2
    const over = screen.getByText(teacher.say('class_relay_over'))
    for (let segment = 1; segment < 30 && !(await over.isVisible()); segment++) {
      const { page, say } = line[turn++ % 3]!
      const help = page.getByRole('button', { name: say('class_relay_help') })
      await help
        .or(page.getByText(say('class_relay_over')))
        .first()
        .waitFor()
      if (!(await help.isVisible())) break
      await help.click()
      if (segment === 5) {
        await inspect(screen, 'wire-relay')
        await expectNobodyNamed(screen)
      }
    }
    await over.waitFor()
    await screen.getByText('TIME-WAIT').waitFor()
    await inspect(screen, 'wire-over')
    await inspect(first!.page, 'wire-over')
  })
})
