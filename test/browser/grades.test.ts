/** A teacher reads the grade book by keys, changes a grade, and decides what a student has contested on the page of a finished round. */
import { expect, inject, onTestFinished, test } from 'vitest'
import { connectDatabase } from '../../server/database/open.ts'
import { createAuth, loadTokenSecret } from '../../server/identity/auth.ts'
import { createApiTokens } from '../../server/identity/api-tokens.ts'
import { createSignIns } from '../../server/identity/sign-ins.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { inBrowser, inspect, until } from '../support/browser.ts'
import { createGradedCourse } from '../support/graded-course.ts'
import { serverFixture, type Guest } from '../support/server-fixture.ts'

/** A course whose members have played, in the run's database. */
async function playedCourse(teacher: Guest) {
  const { database } = inject('server')
  const { prisma, pool, close } = connectDatabase(database)
  const log = createPostgresLog({ pool })
  onTestFinished(async () => {
    await log.close()
    await close()
  })
  const post = (path: string, body: object) => teacher.post(path, body)
  let now = Date.now() - 3_600_000
  const tick = () => new Date((now += 60_000))
  const names = ['Ann', 'Bob Li', '王小明', 'Dan', 'Eve', 'Flo']
  const made = await createGradedCourse({ prisma, log, post, tick }, names)
  const [monday, tuesday] = [await made.addSession(), await made.addSession({ title: 'Tuesday', playlist: ['handshake', 'data'] })]
  const round = await made.play({ session: monday, client: 'Ann', server: 'Bob Li', mistakes: ['not-counted'] })
  await made.play({ session: monday, client: '王小明', server: 'Dan', mistakes: ['not-counted', 'beyond'] })
  await made.play({ session: tuesday, client: 'Bob Li', server: 'Eve', mistakes: ['beyond'], refusalEighths: 4 })
  await made.play({ session: tuesday, client: 'Flo', server: null })

  /** Signs a browser in as a member's participant. */
  const signIn = async (guest: Guest, name: string, session: string) => {
    const secret = await loadTokenSecret(prisma)
    const clock = () => new Date()
    const auth = createAuth({
      secret,
      secure: false,
      now: clock,
      signIns: createSignIns({ prisma, now: clock }),
      tokens: createApiTokens({ prisma, now: clock }),
    })
    const id = await made.participantOf(session, name)
    const cookies = await auth.createParticipantCookies({ id, session }, {})
    await guest.context.addCookies(cookies.map(({ name: key, value }) => ({ name: key, value, domain: '127.0.0.1', path: '/' })))
    return `/r/${id}`
  }
  return { ...made, monday, tuesday, round, signIn }
}

inBrowser('the grade book', (browser) => {
  test.each([
    ['en', 1440],
    ['zh', 390],
  ] as const)('is read, changed and contested (%s, %d px)', async (lang, width) => {
    const { come, comeAsTeacher } = await serverFixture(browser())
    const teacher = await comeAsTeacher({ lang, width })
    const { say } = teacher
    const made = await playedCourse(teacher)

    const student = await come({ lang, width })
    const finished = await student.open(await made.signIn(student, 'Bob Li', made.monday))
    await finished.locator('h1').first().waitFor()
    await inspect(finished, 'grades-finished')
    await finished.getByRole('button', { name: say('contest_open'), exact: true }).click()
    await finished.getByLabel(say('contest_why')).fill('My SYN,ACK counted it')
    await inspect(finished, 'grades-contest')
    await finished.keyboard.press('Enter')
    await finished.getByText(say('contest_waiting')).waitFor()
    await inspect(finished, 'grades-contested')

    const page = await teacher.open(`/teach/courses/${made.course}`)
    await page.getByRole('link', { name: say('course_grades'), exact: true }).click()
    const cell = (name: string, title: string) => page.getByRole('button', { name: new RegExp(`^${name}.{1,2}${title}`) })
    await cell('Ann', 'Monday').waitFor()
    await inspect(page, 'grades-book')
    await page.getByLabel(say('grades_exercises_show')).check()
    await inspect(page, 'grades-book-exercises')

    await cell('Ann', 'Monday').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")')).toContain('Tuesday')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await page.locator('dialog a[href*="#entry="]').first().waitFor()
    await inspect(page, 'grades-cell')
    await page.getByLabel(say('grades_percent')).fill('50')
    await page.getByLabel(say('grades_reason'), { exact: true }).fill('came late')
    await page.keyboard.press('Enter')
    await page.getByText(say('grades_saved')).waitFor()
    await page.getByRole('cell', { name: 'came late' }).waitFor()
    await inspect(page, 'grades-cell-changed')
    await page.getByRole('button', { name: say('grades_close') }).click()
    await until(async () => (await cell('Bob Li', 'Monday').textContent())?.includes('50 %'), true)

    await page.getByRole('button', { name: say('grades_scheme') }).click()
    await page.getByLabel(say('grades_scheme_missed')).selectOption('zero')
    await inspect(page, 'grades-scheme')
    await page.getByRole('button', { name: say('grades_save'), exact: true }).click()

    await page.getByRole('button', { name: say('grades_contests_open', { count: 1 }) }).click()
    await page.getByRole('button', { name: say('grades_contest_decide') }).click()
    await page.getByLabel(say('grades_contest_uphold')).check()
    await page.getByLabel(say('grades_contest_everyone', { count: 1 })).check()
    await page.getByLabel(say('grades_reason'), { exact: true }).fill('the text was unclear')
    await inspect(page, 'grades-decide')
    await page.keyboard.press('Enter')
    await page.getByText(say('grades_contest_upheld')).waitFor()
    await inspect(page, 'grades-contests')

    await page.getByRole('button', { name: say('grades_regrade'), exact: true }).click()
    await page.getByRole('button', { name: say('grades_regrade_run') }).click()
    await page.getByRole('rowheader', { name: 'Eve' }).waitFor()
    await inspect(page, 'grades-regrade')
    await page.getByLabel(say('grades_reason'), { exact: true }).fill('newer engine')
    await page.getByRole('button', { name: say('grades_regrade_accept', { count: 1 }) }).click()
    await page.getByText(/0\.\d+\.\d+/).waitFor()

    await page.getByRole('button', { name: say('grades_history') }).click()
    await page.getByRole('cell', { name: 'newer engine' }).waitFor()
    await inspect(page, 'grades-history')
  })
})
