/** A third student in the network seat, in the browser: with the keyboard, by dragging, on a phone. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { inBrowser, inspect, type VisitorOptions } from '../support/browser.ts'
import { serverFixture } from '../support/server-fixture.ts'
import { seated, Student } from '../support/student.ts'
import { leaveOutWarmUp } from './flawless-play.ts'

inBrowser('the wire in the browser', (browser) => {
  test('an odd student has the wire: a SYN is dropped by key, the next let pass by dragging', async () => {
    const { link, come } = await serverFixture(browser())
    const teacher = await come()
    const board = await teacher.open(`/teach#link=${link}`)
    await leaveOutWarmUp(board, teacher.lang, teacher.say)
    await board.getByRole('button', { name: teacher.say('teach_new_create') }).click()
    await board.getByText(teacher.say('teach_no_students')).waitFor()
    await board.goto(`${board.url()}/join`)
    const code = (await board.locator('.join .code').innerText()).replaceAll(/\s/g, '')
    const join = async (name: string, options: VisitorOptions = {}) => {
      const visitor = await come(options)
      const page = await visitor.open('/')
      await page.getByLabel(visitor.say('join_code')).fill(code)
      await page.keyboard.press('Enter')
      await page.getByLabel(visitor.say('join_name')).fill(name)
      await page.keyboard.press('Enter')
      await page.getByText(visitor.say('waiting_for_partner')).waitFor()
      return { visitor, page, student: new Student(name, page, visitor.say, 'keyboard') }
    }
    const people = [await join('Ada'), await join('Bob', { lang: 'zh', width: 390 }), await join('Cyd')]
    await board.goBack()
    await board.getByRole('button', { name: teacher.say('teach_control_pair') }).click()
    await board.getByText(teacher.say('teach_pair_odd_title')).waitFor()
    await inspect(board, 'board-odd')
    // An unanswered request of the board must not swallow the next click.
    let answer = () => {}
    const answered = new Promise<void>((resolve) => (answer = resolve))
    await board.route('**/pairing', async (route) => {
      const response = await route.fetch()
      await answered
      await route.fulfill({ response })
    })
    await board.getByRole('button', { name: teacher.say('teach_pair_odd_network') }).click()
    for (const { page, visitor } of people) await page.getByText(visitor.say('waiting_for_start')).waitFor()
    await board.locator('tbody tr').first().waitFor()
    await board.getByRole('button', { name: teacher.say('teach_control_start') }).click()
    answer()

    const onWire = async () => {
      const found = await Promise.all(people.map(({ page, visitor }) => page.getByText(visitor.say('wire_you_are')).isVisible()))
      return found.indexOf(true)
    }
    await expect.poll(onWire, { timeout: 20_000 }).toBeGreaterThanOrEqual(0)
    const third = people[await onWire()]!
    const [one, other] = people.filter((each) => each !== third)
    await Promise.all([one!, other!].map(({ page }) => page.locator('.panel').waitFor()))
    const { client, server } = await seated(one!.student, other!.student)
    await inspect(third.page, 'wire-empty')

    await server.call()
    await client.call()
    await client.send({ bits: ['S'], seq: 'x', state: 'SYN-SENT' })
    const flights = (page: Page) => page.locator('.wire li:not(.none)')
    await flights(third.page).waitFor()
    await inspect(third.page, 'wire-one')
    await third.page.keyboard.press('u')
    await expect.poll(() => flights(third.page).count()).toBe(2)
    await third.page.keyboard.press('d')
    await expect.poll(() => flights(third.page).count()).toBe(1)
    await third.page.keyboard.press('h')
    await third.page.getByText(third.visitor.say('wire_held')).first().waitFor()
    await inspect(third.page, 'wire-held')

    const [from, to] = [flights(third.page).locator('.segment'), third.page.locator('[data-takes=server]')]
    const [start, end] = [(await from.boundingBox())!, (await to.boundingBox())!]
    await third.page.mouse.move(start.x + 4, start.y + 4)
    await third.page.mouse.down()
    await third.page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 5 })
    await third.page.mouse.up()
    await server.has('SYN')
    await third.page.setViewportSize({ width: 390, height: 844 })
    await inspect(third.page, 'wire-phone')
    await inspect(board, 'board-trio')

    // In the next exercise one of the two hosts has the wire: they go on as well.
    await teacher.post(`/api/sessions/${new URL(board.url()).pathname.split('/')[2]}/position`, { position: 1 })
    for (const { page, visitor } of [one!, other!]) await page.getByRole('button', { name: visitor.say('join_go_on') }).click()
    await third.page.locator('.panel').waitFor()
    await expect.poll(onWire).toBeGreaterThanOrEqual(0)
    expect(people[await onWire()]).not.toBe(third)
  })
})
