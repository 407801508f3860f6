/** A student writes down what is expected next, in the same form, and sees it beside what arrives. */
import { expect, test } from 'vitest'
import { inBrowser, inspect } from '../support/browser.ts'
import { ANSWERS, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { take } from '../support/player.ts'
import { lessonOf, serverFixture } from '../support/server-fixture.ts'

inBrowser('a prediction', (browser) => {
  test('is written by the keys of the form, and compared with what arrives; the partner sees nothing of it', async () => {
    const { come, comeAsTeacher } = await serverFixture(browser())
    const teacher = await comeAsTeacher()
    const { session, steer, join } = await lessonOf(teacher, {
      title: 'Lesson',
      level: 'guided',
      playlist: ['handshake'],
      swap: false,
    })
    const people = await Promise.all(
      ['Falcon', 'Heron'].map(async (name) => {
        const visitor = await come()
        return { visitor, id: (await join(visitor, name)).slice('/r/'.length) }
      }),
    )
    await steer('pairs', { members: people.map(({ id }) => id) })
    await steer('position', { position: 0 })
    const players = await Promise.all(people.map(take))
    const inSeat = (seat: 'client' | 'server') => players.find((player) => player.seat === seat)!
    const [client, server] = [inSeat('client'), inSeat('server')]
    await server.act(LISTENS)
    await client.act(OPENS)
    await client.act(SENDS_SYN)

    const { page, visitor } = client
    const { say } = visitor
    await page.getByRole('button', { name: say('predict_what') }).waitFor()
    for (const key of ['s', 'a', 'q']) await page.keyboard.press(key)
    await page.keyboard.type('y')
    await page.keyboard.press('Escape')
    await page.keyboard.press('k')
    await page.keyboard.type('x')
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    await page.locator('.prediction', { hasText: 'SYN,ACK seq=y ack=x' }).waitFor()
    await inspect(page, 'prediction-open')
    expect(await server.page.locator('.prediction', { hasText: 'SYN,ACK' }).count()).toBe(0)

    await server.act(ANSWERS)
    await page.getByText(say('predict_differs')).waitFor()
    expect(await page.locator('.prediction .wrong').allInnerTexts()).toEqual(['ack=x', 'ack=x+1'])
    await inspect(page, 'prediction-settled')

    const results = await teacher.open(`/teach/${session.id}/results`)
    await results.getByText(teacher.say('results_predictions', { right: 0, of: 1, students: 1 })).waitFor()
  })
})
