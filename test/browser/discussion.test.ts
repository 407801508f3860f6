/** Peer instruction: a closing question answered alone, talked about, answered again; on the students' pages and on the projector. */
import { expect, test } from 'vitest'
import { inBrowser, inspect } from '../support/browser.ts'
import { loadExercises } from '../../exercises/load.ts'
import { ACKNOWLEDGES, ANSWERS, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { take, type Player } from '../support/player.ts'
import { lessonOf, serverFixture } from '../support/server-fixture.ts'

const pool = loadExercises('exercises').get('handshake')!.pool!

inBrowser('a discussed question', (browser) => {
  test('hides the first answers until both are given; then the projector shows both distributions, and why', async () => {
    const { come, comeAsTeacher } = await serverFixture(browser())
    const teacher = await comeAsTeacher({ width: 1920 })
    const form = await teacher.open('/teach')
    await form.locator('form summary').click()
    await form.getByLabel(teacher.say('teach_new_discussion')).waitFor()
    await form.close()
    const { session, steer, join } = await lessonOf(teacher, {
      title: 'Lesson',
      level: 'guided',
      playlist: ['handshake'],
      swap: false,
      discussion: true,
    })
    const people = await Promise.all(
      [
        { name: 'Falcon', options: {} },
        { name: 'Heron', options: { lang: 'zh', theme: 'dark', width: 390, touch: true } as const },
      ].map(async ({ name, options }) => {
        const visitor = await come(options)
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
    await server.act(ANSWERS)
    await client.act(ACKNOWLEDGES)
    await server.act({ kind: 'claim', event: await server.views(), state: 'ESTABLISHED' })

    const [question] = pool.client!
    const wrong = question!.choices.find(({ right }) => !right)!
    const right = question!.choices.find((choice) => choice.right)!
    const choose = async ({ page, visitor: { lang, say } }: Player, text: { en: string; zh: string }) => {
      await page.locator('.question label', { hasText: text[lang] }).click()
      await page.getByRole('button', { name: say('question_answer') }).click()
    }
    const lastOf = ({ page, visitor: { say } }: Player) => page.getByText(say('vote_alone'))
    await lastOf(client).waitFor()
    await lastOf(server).waitFor()
    await inspect(client.page, 'vote-alone-client')
    await inspect(server.page, 'vote-alone-server')
    await choose(client, wrong.text)
    await client.page.locator('.question').waitFor({ state: 'detached' })
    expect(await server.page.getByText(wrong.text[server.visitor.lang]).count()).toBe(0)

    const projector = await teacher.open(`/teach/${session.id}/screen`)
    await projector.locator('.through').waitFor()
    await projector.keyboard.press('a')
    await projector.getByText(teacher.say('screen_votes_alone', { count: 1 })).waitFor()

    const serverRight = pool.server![0]!.choices.find((choice) => choice.right)!
    await choose(server, serverRight.text)
    await client.page.locator('.vote dd', { hasText: serverRight.text[client.visitor.lang] }).waitFor()
    await server.page.locator('.vote dd', { hasText: wrong.text[server.visitor.lang] }).waitFor()
    await inspect(client.page, 'vote-together-client')
    await inspect(server.page, 'vote-together-server')
    await choose(client, right.text)
    await client.page.locator('li.right', { hasText: right.text[client.visitor.lang] }).waitFor()
    await inspect(client.page, 'vote-waiting')
    await choose(server, serverRight.text)
    for (const { page, visitor } of players) await page.locator('.end', { hasText: visitor.say('vote_second') }).waitFor()
    await inspect(client.page, 'vote-summary-client')
    await inspect(server.page, 'vote-summary-server')

    await projector.getByText(teacher.say('screen_votes_again', { count: 1 })).waitFor()
    await inspect(projector, 'screen-votes-ask')
    expect(await projector.locator('.bar').count()).toBe(0)
    await projector.keyboard.press('ArrowRight')
    await projector.locator('.bar').first().waitFor()
    const alone = await projector.locator('li', { hasText: wrong.text.en }).innerText()
    expect(alone).toContain('100 %')
    await projector.keyboard.press('ArrowRight')
    await projector.locator('li', { hasText: right.text.en }).getByText('100 %').waitFor()
    await inspect(projector, 'screen-votes-again')
    await projector.keyboard.press('ArrowRight')
    await projector.getByText(wrong.why.en).waitFor()
    await inspect(projector, 'screen-votes-why')

    const results = await teacher.open(`/teach/${session.id}/results`)
    await results.getByText(teacher.say('results_discussed')).first().waitFor()
    await inspect(results, 'results-discussed')
    const csv = await teacher.context.request.get(`/api/sessions/${session.id}/insights.csv`)
    expect(await csv.text()).toContain('right choice after discussion')
  })
})
