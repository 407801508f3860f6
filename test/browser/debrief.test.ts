/** The replay of a finished round, opened by its players, by their teacher, and by somebody with a link. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Level } from '../../protocol/round/model/exercise.ts'
import { contentOf, inBrowser, inspect, until, type VisitorOptions } from '../support/browser.ts'
import { ELSEWHERE } from '../support/browser-setup.ts'
import { judgeAll } from '../support/capture.ts'
import { closing } from '../support/exercises.ts'
import { ACKNOWLEDGES, ANSWERS, ANSWERS_WRONG, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { type Player, take } from '../support/player.ts'
import { lessonOf, serverFixture } from '../support/server-fixture.ts'

inBrowser('the replay of a round', (browser) => {
  test('at 1440 px, in English, by keyboard', async () => {
    const { client } = await play({ level: 'guided' })
    const { say, complaints } = client.visitor
    const page = await replayOf(client)
    expect((await page.locator('.hosts h2 span').allTextContents()).sort()).toEqual(['Falcon', 'Heron'])

    expect(await sentence(page)).toBe('The round begins: the client is in CLOSED, the server in CLOSED.')
    await inspect(page, 'replay-begins')
    for (const lit of LIT) {
      await stepUntil(page, 'arrives')
      expect(await lamps(page)).toEqual(lit)
    }
    await inspect(page, 'replay-arrived')
    await page.keyboard.press('End')
    expect(await sentence(page)).toBe('Both have reached the goal, and the round is over.')
    await inspect(page, 'replay-over')
    await page.keyboard.press('Home')
    await stepUntil(page, 'Refused')
    await page
      .locator('.now')
      .getByText(say('finding_syn_consumes_one_said', { given: 'x' }))
      .waitFor()
    await page.locator('.now cite', { hasText: 'RFC 9293' }).waitFor()
    expect(await lamps(page), 'a refused attempt tells nobody anything').toEqual(LIT[0])
    await inspect(page, 'replay-refused')

    // While the scrubber has the focus, it handles the keys itself, with the same result.
    const scrubber = page.getByRole('slider', { name: say('debrief_position') })
    await scrubber.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    expect(await sentence(page)).toBe('The server’s application calls passive OPEN; the server goes to LISTEN.')
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: say('debrief_pause') }).waitFor()
    await until(() => sentence(page), 'The client’s application calls active OPEN; the client owes a SYN.')
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: say('debrief_play') }).waitFor()

    await page.getByRole('button', { name: 'The client sends SYN; it goes to SYN-SENT.' }).click()
    expect(await scrubber.getAttribute('aria-valuetext')).toBe(
      say('debrief_step', { number: 4, count: await page.locator('ol li').count() }),
    )
    await paper(page, 'replay')

    const download = async (name: 'download_capture' | 'download_text' | 'download_picture') => {
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: say(name) }).click()])
      return { name: file.suggestedFilename(), bytes: await contentOf(file) }
    }
    await page.locator('summary', { hasText: say('download') }).click()
    await inspect(page, 'replay-download')
    const capture = await download('download_capture')
    expect(capture.name).toMatch(/^handshake-\d+\.pcapng$/)
    expect(judgeAll(capture.bytes).judged.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok'])
    expect(String((await download('download_text')).bytes)).toContain('server > client  SYN,ACK seq=y ack=x+1')
    expect(String((await download('download_picture')).bytes)).toMatch(/^<svg [^]*ESTABLISHED[^]*<\/svg>\n$/)
    expect(complaints).toEqual([])
  })

  test('at 390 px, in Chinese, in the dark, over plain HTTP from another address: a link, with names or without', async () => {
    const phone = { lang: 'zh', theme: 'dark', width: 390, touch: true } as const
    const { server, round, come } = await play({ level: 'standard', host: ELSEWHERE, server: phone })
    const { say } = server.visitor
    await server.page.reload()
    const page = await replayOf(server)
    await inspect(page, 'replay-phone')
    await page.getByRole('button', { name: say('debrief_next'), exact: true }).tap()
    await until(() => sentence(page), '服务器的应用程序调用被动 OPEN；服务器进入 LISTEN。')
    await page.getByRole('button', { name: say('debrief_last'), exact: true }).tap()
    await until(() => sentence(page), '双方都已到达目标，回合结束。')
    await inspect(page, 'replay-phone-over')

    await page.getByRole('button', { name: say('debrief_share') }).tap()
    const link = page.getByRole('textbox', { name: say('debrief_share_link') })
    const nameless = await link.inputValue()
    await page.getByRole('button', { name: say('debrief_copy') }).tap()
    await page.getByText(say('debrief_copy_yourself')).waitFor()
    await inspect(page, 'replay-share')
    await page.getByLabel(say('debrief_share_names')).tap()
    const named = await link.inputValue()

    const stranger = await come(phone)
    for (const [address, names] of [
      [nameless, []],
      [named, ['Falcon', 'Heron']],
    ] as const) {
      const opened = await stranger.open(new URL(address).pathname)
      await opened.locator('.hosts').waitFor()
      expect((await opened.locator('.hosts h2 span').allTextContents()).sort()).toEqual(names)
      expect(await opened.getByRole('button', { name: say('debrief_share') }).count(), 'a link makes no links').toBe(0)
    }
    const refused = await stranger.open(`/replay/round/${round}`)
    await refused.getByText(say('debrief_not_yours')).waitFor()
    await inspect(refused, 'replay-not-yours')
    expect(server.visitor.complaints).toEqual([])
  })

  test('opens to the teacher alone while it is played, and while an exam is not released', async () => {
    for (const [level, ends, error] of [
      ['guided', false, 'error_not_over'],
      ['exam', true, 'error_not_released'],
    ] as const) {
      const { teacher, client, session, round } = await play({ level, ends })
      const page = await client.visitor.open(`/replay/round/${round}`)
      await page.getByText(client.visitor.say(error)).waitFor()
      await inspect(page, `replay-${error}`)

      const timeline = await teacher.open(`/teach/${session}/round/${round}`)
      const [replay] = await Promise.all([
        timeline.waitForEvent('popup'),
        timeline.getByRole('link', { name: teacher.say('debrief') }).click(),
      ])
      await replay.locator('.hosts').waitFor()
      expect(await replay.getByText(teacher.say('debrief_running')).count()).toBe(ends ? 0 : 1)
      await inspect(replay, `replay-teacher-${level}`)
    }
  })

  interface Playing {
    readonly level: Level
    /** If false, play stops before the third segment. */
    readonly ends?: boolean
    readonly host?: string
    /** The browser options of the student who plays the server. */
    readonly server?: VisitorOptions
  }

  /**
   * Plays a handshake in which the server makes two mistakes before it answers. At `exam`, the lesson ends right after the
   * handshake has started.
   */
  async function play({ level, ends = true, host = '127.0.0.1', server: options = {} }: Playing) {
    const { come: comeTo, comeAsTeacher } = await serverFixture(browser())
    const come = (as: VisitorOptions = {}) => comeTo({ host, refusals: true, ...as })
    const teacher = await comeAsTeacher({ host, refusals: true })
    const {
      session,
      steer,
      join: joinAs,
    } = await lessonOf(teacher, {
      title: 'Replay',
      level,
      playlist: ['handshake'],
      swap: false,
    })
    const join = async (name: string, as?: VisitorOptions) => {
      const visitor = await come(as)
      return { visitor, id: (await joinAs(visitor, name)).slice('/r/'.length) }
    }
    const people = [await join('Falcon', options), await join('Heron', options)]
    await steer('pairs', { members: people.map((one) => one.id) })
    await steer('position', { position: 0 })
    const players = await Promise.all(people.map(take))
    const [client, server] = (['client', 'server'] as const).map((seat) => players.find((player) => player.seat === seat)) as [
      Player,
      Player,
    ]

    await server.act(LISTENS)
    await client.act(OPENS)
    if (level === 'exam') await steer('end', {})
    else {
      await client.act(SENDS_SYN)
      await server.act(ANSWERS_WRONG)
      await server.act({ ...ANSWERS, state: 'ESTABLISHED' } as SeatAction)
      await server.act(ANSWERS)
      if (ends) {
        await client.act(ACKNOWLEDGES)
        await server.act({ kind: 'claim', event: await server.views(), state: 'ESTABLISHED' })
        // One of them is asked.
        for (const { seat, answer } of players)
          for (const { ask, text } of closing('handshake', seat).values()) await answer(ask.en, text.en)
      }
    }
    return { teacher, client, server, session: session.id, round: client.round, come }
  }
})

/**
 * What has been established after each segment of the handshake, as in the textbook: the client can receive, the client can be
 * heard; then the same for the server.
 */
const LIT = [
  [false, false, true, false],
  [true, true, true, false],
  [true, true, true, true],
]
const lamps = (page: Page): Promise<boolean[]> =>
  page.locator('.hosts li').evaluateAll((items) => items.map((item) => item.classList.contains('on')))

const sentence = (page: Page): Promise<string> => page.locator('.now .sentence').innerText()

/** Moves on by keyboard to the next step whose sentence contains this text. */
async function stepUntil(page: Page, text: string): Promise<void> {
  do await page.keyboard.press('ArrowRight')
  while (!(await sentence(page)).includes(text))
}

/** Opens the replay from the student's own page. It opens in a new tab. */
async function replayOf({ visitor, page }: Player): Promise<Page> {
  const link = page.getByRole('link', { name: visitor.say('debrief') })
  const [replay] = await Promise.all([page.waitForEvent('popup'), link.click()])
  await replay.locator('.hosts').waitFor()
  return replay
}

/**
 * Expects that the printed page shows the picture and the sentences, and no controls. If SCREENSHOTS names a folder, a PDF is
 * saved there.
 */
async function paper(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ media: 'print' })
  for (const part of ['header button', 'footer', '.hosts', '.ladder']) {
    expect(await page.locator(part).first().isVisible(), part).toBe(false)
  }
  for (const part of ['h1', '.printed svg', 'ol li:last-child'])
    expect(await page.locator(part).first().isVisible(), part).toBe(true)
  const folder = process.env['SCREENSHOTS']
  if (folder) await page.pdf({ path: join(folder, `${name}.pdf`), format: 'A4', preferCSSPageSize: true })
  await page.emulateMedia({ media: 'screen' })
}
