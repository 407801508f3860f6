/**
 * A whole lesson from its users' point of view: a teacher and two students, each with a browser, from the teacher's link to the
 * scores.
 */
import { SEATS, type Seat } from '../../protocol/seat.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { parse } from 'csv-parse/sync'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { contentOf, inBrowser, inspect, type Visitor, type VisitorOptions } from '../support/browser.ts'
import { ELSEWHERE } from '../support/browser-setup.ts'
import { playOut } from '../support/engine-driven-player.ts'
import { most } from '../support/exercises.ts'
import { serverFixture } from '../support/server-fixture.ts'
import { seated, Student } from '../support/student.ts'
import { established, leaveOutWarmUp, opened } from './flawless-play.ts'

/**
 * The expected scores of a student who has lost this many points in each seat of the handshake and none elsewhere. The maximum of
 * the other exercises is not checked, because it may depend on random draws.
 */
function scored(lost: PerSeat): unknown {
  const of = { client: most('handshake', 'client'), server: most('handshake', 'server') }
  const earned = { client: of.client - lost.client, server: of.server - lost.server }
  const share = (earned.client / of.client + earned.server / of.server) / 2
  return expect.objectContaining({
    ...Object.fromEntries(SEATS.map((seat) => [`1 handshake ${seat} points`, `${earned[seat]}`])),
    '1 handshake %': percent(share),
    '2 data %': '100',
    '3 close-client %': '100',
    'exercises played': '3',
    'total %': percent((share + 2) / 3),
  })
}
type PerSeat = { readonly [S in Seat]: number }
const percent = (share: number) => `${Math.round(share * 1000) / 10}`

interface People {
  readonly host: string
  readonly teacher: VisitorOptions
  readonly students: readonly [Joining, Joining]
}
type Joining = VisitorOptions & { readonly name: string; readonly hands: 'keyboard' | 'thumbs' }

inBrowser('a lesson in the browser, from the link to the scores', (browser) => {
  test('at 1440 px, in English, by keyboard alone', () =>
    lesson({
      host: '127.0.0.1',
      teacher: {},
      students: [
        { name: 'Falcon', hands: 'keyboard', newcomer: true },
        { name: 'Heron', hands: 'keyboard' },
      ],
    }))

  test('at 390 px, in Chinese, by thumb, in the dark, over plain HTTP from another address', () =>
    lesson({
      host: ELSEWHERE,
      teacher: { lang: 'zh' },
      students: [
        { name: '小鹰', hands: 'thumbs', lang: 'zh', theme: 'dark', width: 390, touch: true },
        { name: '小鹭', hands: 'keyboard', lang: 'zh' },
      ],
    }))

  async function lesson({ host, teacher, students }: People): Promise<void> {
    const { prisma, link, come } = await serverFixture(browser())
    await teach(
      prisma,
      await come({ host, ...teacher }),
      link,
      students.map((student) => async (code: string) => {
        const visitor = await come({ host, ...student })
        const { newcomer = false, name, hands } = student
        const page = await (newcomer ? joinForTheFirstTime : join)(visitor, name, code)
        return new Student(name, page, visitor.say, hands)
      }),
    )
  }
})

/** Joins with the code. Returns the page with the waiting room. */
async function join({ open, say }: Visitor, name: string, code: string): Promise<Page> {
  const page = await open('/')
  await page.getByLabel(say('join_code')).waitFor()
  await inspect(page, 'join-code')
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
  await page.getByLabel(say('join_name')).waitFor()
  await inspect(page, 'join-name')
  await page.keyboard.insertText(name)
  await page.keyboard.press('Enter')
  await page.getByText(say('waiting_for_partner')).waitFor()
  await inspect(page, 'waiting-room')
  return page
}

/** The keys that a newcomer presses on the first minute's page until the first segment has left. */
const FIRST_SEGMENT = ['Enter', 's', 'q', 'x', 'Escape', 't', 's', 'Enter'] as const

/** Joins as somebody who has never played, and plays the first minute as far as the coach leads. */
async function joinForTheFirstTime(visitor: Visitor, name: string, code: string): Promise<Page> {
  const page = await join(visitor, name, code)
  const coach = page.locator('.coach')
  for (const [i, step] of (['watch', 'bits', 'seq', null, 'state', null, null, 'send'] as const).entries()) {
    if (step) await coach.filter({ hasText: visitor.say(`tutorial_${step}`) }).waitFor()
    await page.keyboard.press(FIRST_SEGMENT[i]!)
  }
  await page.locator('.strip .state', { hasText: 'SYN-SENT' }).waitFor()
  await inspect(page, 'first-minute')
  return page
}

/** @param coming functions that each let a student join with the code */
async function teach(
  prisma: PrismaClient,
  { open, lang, say }: Visitor,
  link: string,
  coming: readonly ((code: string) => Promise<Student>)[],
): Promise<void> {
  const board = await open(`/teach#link=${link}`)
  expect(await board.evaluate('isSecureContext')).toBe(!board.url().includes(ELSEWHERE))
  await leaveOutWarmUp(board, lang, say)
  const create = board.getByRole('button', { name: say('teach_new_create') })
  await create.waitFor()
  await inspect(board, 'teach-home')
  await board.locator('form summary').click()
  await inspect(board, 'teach-choose')
  await create.click()
  await board.getByText(say('teach_no_students')).waitFor()
  await inspect(board, 'board-empty')

  const projector = await open(`${new URL(board.url()).pathname}/join`)
  const code = (await projector.locator('.join .code').innerText()).replaceAll(/\s/g, '')
  const [one, other] = await Promise.all(coming.map((student) => student(code)))
  if (!one || !other) throw new Error('nobody came')
  const both = [one, other]
  await projector.getByText(say('teach_join_here', { count: 2 })).waitFor()
  await inspect(projector, 'join-page')
  await projector.close()

  await board.getByRole('button', { name: one.name }).waitFor()
  await inspect(board, 'board-alone')
  await board.getByRole('button', { name: say('teach_control_pair') }).click()
  for (const { page, say } of both) await page.getByText(say('waiting_for_start')).waitFor()
  await inspect(one.page, 'waiting-paired')
  await board.getByRole('button', { name: say('teach_control_start') }).click()

  await Promise.all(both.map(({ page }) => page.locator('.round .panel').waitFor()))
  const first = await seated(one, other)
  const { client, server } = first
  await inspect(client.page, 'round-client-begins')
  await inspect(server.page, 'round-server-begins')

  // A refusal costs the server's seat a quarter of a point; a nudge costs the client's seat an eighth.
  await opened(first)
  await server.write({ bits: ['S', 'A'], seq: 'y', ack: 'x', state: 'SYN-RECEIVED' })
  await server.press()
  await server.isRefused('#ack')
  await board.locator('tbody .chip').waitFor()
  await server.page.getByRole('button', { name: server.say('hand_raise') }).click()
  await board.getByText(say('teach_hand_up')).waitFor()
  await inspect(board, 'board-refused')
  await server.explain()
  await inspect(server.page, 'round-server-refused')
  await server.rewrite('ack', 'x+1')
  await server.press()
  await server.hasSent()
  await client.has('SYN,ACK')
  await client.hint()
  await client.page.getByText(client.say('hint_nudge')).waitFor()
  await inspect(client.page, 'round-client-hint')

  await board.locator('tbody a').click()
  await board.locator('.log').waitFor()
  await inspect(board, 'timeline')
  await established(first)
  await board.locator('.log').getByText(say('teach_effect_over')).waitFor()
  await inspect(board, 'timeline-over')
  await board.keyboard.press('Escape')
  await inspect(client.page, 'summary-client')
  await inspect(server.page, 'summary-server')

  await Promise.all(both.map((student) => student.goOn()))
  const second = await seated(one, other)
  expect(second.client.name, 'seats are swapped').toBe(server.name)
  await playOut(prisma, second)
  for (const { page, say } of both) await page.getByText(say('waiting_for_next')).waitFor()
  await inspect(one.page, 'summary-waiting')

  for (const name of ['data', 'close-client']) {
    await board.locator('tbody').getByText(say('teach_over_goal')).waitFor()
    await board.getByRole('button', { name: say('teach_control_next') }).click()
    await Promise.all(both.map((student) => student.goOn()))
    await playOut(prisma, await seated(one, other))
    await inspect(one.page, `summary-${name}`)
    await Promise.all(both.map((student) => student.goOn()))
    await playOut(prisma, await seated(one, other))
  }

  await board.locator('tbody').getByText(say('teach_over_goal')).waitFor()
  const more = async (action: string) => {
    await board.getByRole('button', { name: say('teach_controls_more') }).click()
    await board.getByRole('button', { name: action }).click()
  }
  await more(say('teach_control_end'))
  await inspect(board, 'board-ending')
  await board.getByRole('button', { name: say('teach_undo') }).click()
  await more(say('teach_control_end'))
  await board.getByRole('button', { name: say('teach_now') }).click()
  await board.getByText(say('teach_ended'), { exact: true }).waitFor()
  await inspect(board, 'board-ended')
  for (const { page, say } of both) await page.getByText(say('waiting_ended')).waitFor()

  await more(say('results_title'))
  await board.getByRole('heading', { name: say('results_wrong') }).waitFor()
  await board.getByRole('row', { name: say('mistake_syn_consumes_one') }).waitFor()
  await inspect(board, 'results')
  await board.getByRole('button', { name: say('results_name') }).press('Enter')
  await board.locator('th[aria-sort="descending"]').waitFor()
  await board.getByRole('button', { name: say('results_by_pair') }).click()
  await board.getByLabel(say('results_notes'), { exact: true }).fill('A SYN uses up a number.')
  await inspect(board, 'results-pairs')
  await board.getByText(say('results_notes_kept')).waitFor()
  const loss = board.getByRole('link', { name: say('mistake_syn_consumes_one') }).first()
  await loss.click()
  await board
    .locator('li[aria-current] button')
    .getByText(/ack=x\b/)
    .waitFor()
  await board.goBack()

  const scores = board.getByRole('link', { name: say('teach_control_scores') })
  const [download] = await Promise.all([board.waitForEvent('download'), scores.click()])
  const rows = parse<Record<string, string>>(await contentOf(download), { bom: true, columns: true })
  expect(new Map(rows.map(({ name, ...row }) => [name, row]))).toEqual(
    new Map([
      [client.name, scored({ client: 0.125, server: 0 })],
      [server.name, scored({ client: 0, server: 0.25 })],
    ]),
  )
}
