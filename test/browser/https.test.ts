/**
 * HTTPS as it is played on the pages: each message is composed, handed to TCP, sent in numbered segments, and read on the other
 * side.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import type { EngineAction } from '../../protocol/round/model/action.ts'
import type { World } from '../../protocol/round/model/world.ts'
import type { Seat } from '../../protocol/seat.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { inBrowser, inspect, until } from '../support/browser.ts'
import { playOut } from '../support/engine-driven-player.ts'
import { lessonOf, serverFixture, type ServerFixture } from '../support/server-fixture.ts'
import { seated, Student } from '../support/student.ts'

const exercises = loadExercises('exercises')

inBrowser('HTTPS in the browser', (browser) => {
  test('as two people, by keyboard and by thumb; then alone, overheard by somebody', async () => {
    const server = await serverFixture(browser())
    await together(server)
    await alone(server)
  })
})

const isFinished = (what: EngineAction): boolean =>
  what.kind === 'write' && what.message.kind === 'tls' && what.message.choice.say === 'Finished'

async function together({ prisma, come, comeAsTeacher }: ServerFixture): Promise<void> {
  const teacher = await comeAsTeacher()
  const lesson = await lessonOf(teacher, { title: 'HTTPS', level: 'guided', playlist: ['https-rsa'], swap: false })
  const desk = await come()
  const phone = await come({ lang: 'zh', theme: 'dark', width: 390, touch: true })
  const heron = new Student('Heron', await desk.open(await lesson.join(desk, 'Heron')), desk.say)
  const eagle = new Student('小鹰', await phone.open(await lesson.join(phone, '小鹰')), phone.say, 'thumbs')
  await Promise.all([heron, eagle].map(({ page, say }) => page.getByText(say('waiting_for_partner')).waitFor()))
  await lesson.steer('pairing', { odd: 'built-in' })
  await lesson.steer('position', { position: 0 })
  await Promise.all([heron, eagle].map(({ page }) => page.locator('.compose').waitFor()))
  const pair = await seated(heron, eagle)
  const look = async (_: World, seat: Seat, what: EngineAction) => {
    const { page } = pair[seat]
    if (isFinished(what)) await page.locator('summary.fold').press('Enter')
    if (isFinished(what) || what.kind === 'answer') await inspect(page, `https-rsa-${seat}-${what.kind}`)
  }
  await playOut(prisma, pair, { look })
  await replay(heron)
}

async function alone({ prisma, come }: ServerFixture): Promise<void> {
  const guest = await come({ lang: 'zh', theme: 'dark', width: 390, touch: true })
  const page = await guest.open('/practice')
  await page.getByLabel(guest.say('partner_at_once')).check()
  const item = page.locator('li', { hasText: exercises.get('https-forward-secrecy')!.point.zh })
  await item.locator('button.client').tap()
  await page.locator('.compose').waitFor()
  const me = new Student('me', page, guest.say, 'thumbs')
  let asked = 0
  const look = async (_: World, __: Seat, { kind }: EngineAction) => {
    if (kind !== 'answer') return
    asked += 1
    await inspect(page, `https-overheard-${asked}`)
    expect(await page.locator('#seq').isVisible(), 'a segment cannot be written while something is asked').toBe(false)
  }
  await playOut(prisma, { client: me }, { look })
  await page.getByText(guest.say('over_goal')).waitFor()
  expect(asked).toBe(1)
}

/**
 * Checks the finished round: the contents of its segments, folding the ladder by keyboard, and a capture that Wireshark can
 * decrypt.
 */
async function replay({ page, say }: Student): Promise<void> {
  const link = page.getByRole('link', { name: say('debrief') })
  const [opened] = await Promise.all([page.waitForEvent('popup'), link.click()])
  const step = (text: RegExp) => opened.locator('.side ol button', { hasText: text }).last()
  await step(/reads “Certificate”/).click()
  await inspect(opened, 'https-replay-certificate')
  await step(/sends ACK with .* bytes/).click()
  await inspect(opened, 'https-replay-segment')
  for (const layer of ['TLS', 'HTTP']) await opened.locator('.views button', { hasText: layer }).press('Enter')
  await until(() => opened.locator('.ladder tr[data-kind=sent]').count(), 2)

  await opened.locator('summary', { hasText: say('download') }).press('Enter')
  const capture = opened.getByRole('button', { name: say('download_capture') })
  const [file] = await Promise.all([opened.waitForEvent('download'), capture.press('Enter')])
  if (!tshark) return
  const folder = mkdtempSync(join(tmpdir(), 'handshake-https-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, file.suggestedFilename())
  await file.saveAs(path)
  expect(execFileSync(tshark, ['-r', path, '-Y', 'http'], { encoding: 'utf8' })).toContain('GET /')
}
