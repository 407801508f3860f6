/** The classroom in a frame of a learning platform on another site, with third-party cookies blocked. */
import type { Frame, Page } from 'playwright-core'
import { expect, inject, onTestFinished, test } from 'vitest'
import { ANN, startPlatform, TEACHER, type Platform, type Target, type User } from '../lti/platform.ts'
import { inBrowser, inspect, until } from '../support/browser.ts'
import { ELSEWHERE } from '../support/browser-setup.ts'
import { serverFixture, type Guest } from '../support/server-fixture.ts'

/** Opens a page of the platform with the tool in a frame, and resolves to the frame. Cookies of other sites are blocked in it. */
async function openFramed(
  guest: Guest,
  platform: Platform,
  user: User,
  target: Target = {},
): Promise<{ page: Page; frame: Frame }> {
  const page = await guest.context.newPage()
  const devtools = await guest.context.newCDPSession(page)
  await devtools.send(
    'Network.setCookieControls' as 'Network.enable',
    {
      enableThirdPartyCookieRestriction: true,
      disableThirdPartyCookieMetadata: true,
      disableThirdPartyCookieHeuristics: true,
    } as object,
  )
  await page.goto(`${platform.state.origin}/course?hint=${platform.prepare(user, target)}`)
  const frameOf = () => page.frames().find((frame) => frame.url().startsWith(platform.state.tool))
  await until(() => Promise.resolve(frameOf() !== undefined), true)
  return { page, frame: frameOf()! }
}

inBrowser('in a frame of a learning platform', (browser) => {
  /** A platform that a teacher has registered, and that opens the server at this host. */
  async function connected(host: string) {
    const fixture = await serverFixture(browser())
    // Another site than the server's, whichever of its addresses is used.
    const platform = await startPlatform({ host: 'localhost' })
    platform.state.tool = `http://${host}:${inject('server').port}`
    onTestFinished(async () => {
      await platform.stop()
      expect(platform.state.faults).toEqual([])
    })
    const registrar = await fixture.comeAsTeacher()
    await registrar.post('/api/platforms', platform.registration())
    const row = await fixture.prisma.ltiPlatform.findFirstOrThrow({ where: { issuer: platform.state.origin } })
    onTestFinished(() => fixture.prisma.ltiPlatform.deleteMany({ where: { id: row.id } }).then(() => undefined))
    return { ...fixture, platform, registrar, row }
  }

  /** The session of the platform's link, chosen without its pages. */
  async function linkSession({ prisma, registrar, row, platform }: Awaited<ReturnType<typeof connected>>) {
    const { id: course } = await registrar.post<{ id: string }>('/api/courses', { title: 'Networks 101', language: 'en' })
    const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster' }
    const session = await registrar.post<{ id: string }>(`/api/courses/${course}/sessions`, wanted)
    const { id: contextId, title } = platform.state.context
    await prisma.ltiContext.create({
      data: {
        id: `context-${row.id}`.slice(0, 22),
        platformId: row.id,
        deploymentId: 'dep-1',
        contextId,
        title,
        courseId: course,
        gradeScopes: [],
        links: { create: { id: `link-${row.id}`.slice(0, 22), resourceLinkId: 'link-1', sessionId: session.id } },
      },
    })
  }

  test('where the browser gives the frame no cookie, it says so, and the launch goes on in a tab of its own', async () => {
    const at = await connected(ELSEWHERE)
    await linkSession(at)
    const ann = await at.come({ host: ELSEWHERE, width: 390, lang: 'zh', refusals: true })
    const { page, frame } = await openFramed(ann, at.platform, ANN)
    await frame.getByText(ann.say('launch_no_cookies')).waitFor()
    expect(await ann.context.cookies(at.platform.state.tool)).toEqual([])
    const alone = await ann.open(frame.url())
    await alone.getByText(ann.say('launch_ready_student', { name: 'Ann Lee' })).waitFor()
    await inspect(alone, 'launch-student')
    await alone.close()

    const opened = ann.context.waitForEvent('page')
    await frame.getByRole('button', { name: ann.say('launch_continue_tab') }).click()
    const tab = await opened
    await tab.getByText(ann.say('waiting_for_partner')).waitFor()
    await frame.getByText(ann.say('launch_continued', { platform: 'Stand-in' })).waitFor()
    // The launch has been used.
    await page.reload()
  })

  test('where it gives partitioned cookies, a student plays in the frame', async () => {
    const at = await connected('127.0.0.1')
    await linkSession(at)
    const ann = await at.come()
    const { page, frame } = await openFramed(ann, at.platform, ANN)
    await frame.getByText(ann.say('waiting_for_partner')).waitFor()
    const kept = await frame.evaluate<string>(
      `(() => { document.cookie = 'third=1; SameSite=None; Secure'; return document.cookie })()`,
    )
    expect(kept, 'cookies of other sites are blocked').not.toContain('third')
    expect(page.context().pages()).toHaveLength(1)
    const held = await ann.context.cookies(at.platform.state.tool)
    expect(held.map(({ name, partitionKey }) => [name.slice(0, 2), partitionKey !== undefined])).toEqual(
      expect.arrayContaining([['p_', true]]),
    )
    expect(held.every(({ partitionKey }) => partitionKey !== undefined)).toBe(true)
  })

  test.each([
    ['en', 1440],
    ['zh', 390],
  ] as const)(
    'a teacher comes for the first time, chooses course and session, and gets the board (%s, %d px)',
    async (lang, width) => {
      const at = await connected('127.0.0.1')
      const { prisma, platform, row } = at
      await prisma.teacher.update({ where: { id: row.teacherId }, data: { owner: true } })
      const tess = await at.come({ lang, width })
      const { page, frame } = await openFramed(tess, platform, TEACHER)
      const look = async (shown: Frame, name: string) => {
        const alone = await tess.open(shown.url())
        await alone.locator('h1:not(.hidden)').waitFor()
        await inspect(alone, name)
        await alone.close()
      }
      await frame.getByRole('button', { name: tess.say('launch_account_new') }).waitFor()
      await look(frame, 'launch-account')
      await frame.getByRole('button', { name: tess.say('launch_account_new') }).click()
      await frame.getByRole('heading', { name: tess.say('launch_course_title') }).waitFor()
      await look(frame, 'launch-course')
      await frame.getByRole('button', { name: tess.say('launch_course_choose') }).click()
      await frame.getByText(tess.say('launch_session_none', { platform: 'Stand-in' })).waitFor()
      await look(frame, 'launch-no-session')

      const { teacherId } = await prisma.ltiAccount.findFirstOrThrow({ where: { platformId: row.id } })
      const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false }
      const session = await at.registrar.post<{ id: string }>('/api/sessions', wanted)
      await prisma.session.update({ where: { id: session.id }, data: { teacherId } })
      await page.reload()
      const again = page.frameLocator('iframe')
      await again.getByRole('radio', { name: 'Monday' }).check()
      await again.getByRole('button', { name: tess.say('launch_session_choose') }).click()
      await again.getByText(tess.say('launch_teacher_tab')).waitFor()
      const opened = tess.context.waitForEvent('page')
      await again.getByRole('button', { name: tess.say('launch_continue_tab') }).click()
      const board = await opened
      await board.waitForURL(`**/teach/${session.id}`)
      await board.getByRole('heading', { name: 'Monday' }).first().waitFor()

      // What a link of the platform's is to open is chosen in the frame, and posted back to the platform.
      const choosing = await openFramed(tess, platform, TEACHER, { deepLinking: { multiple: true } })
      await choosing.frame.getByRole('checkbox', { name: 'Monday' }).waitFor()
      await look(choosing.frame, 'launch-content')
      await choosing.frame.getByRole('button', { name: tess.say('launch_content_choose') }).click()
      await choosing.page.frameLocator('iframe').getByText('Added to the course.').waitFor()

      // Her platforms: none of her own, but the course that one opens.
      const platforms = await tess.open('/teach/platforms')
      await platforms.getByRole('heading', { name: 'Networks 101' }).waitFor()
      await inspect(platforms, 'platforms-connected')
    },
  )

  test('a launch that is refused says why, in the frame', async () => {
    const at = await connected('127.0.0.1')
    at.platform.state.deployment = 'dep-9'
    const guest = await at.come()
    const { frame } = await openFramed(guest, at.platform, ANN)
    await frame.getByText(guest.say('refused_teacher', { reason: guest.say('refused_deployment') })).waitFor()
    const alone = await guest.open(frame.url())
    await alone.getByRole('heading', { name: guest.say('refused_title') }).waitFor()
    await inspect(alone, 'launch-refused')
    const { registrar } = at
    const platforms = await registrar.open('/teach/platforms')
    await platforms.getByText(registrar.say('platforms_deployment_new', { id: 'dep-9' })).waitFor()
    await platforms.locator('summary').first().click()
    await inspect(platforms, 'platforms')
    await platforms.getByRole('button', { name: registrar.say('platforms_deployment_accept'), exact: true }).click()
    await platforms.getByText(registrar.say('platforms_deployment', { id: 'dep-9' })).waitFor()
  })
})
