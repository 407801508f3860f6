/** A course at its pages: a roster from a file, personal links, a roster session, and a student who changes the device. */
import { test } from 'vitest'
import type { SessionInfo } from '../../contract/answers.ts'
import { inBrowser, inspect } from '../support/browser.ts'
import { serverFixture } from '../support/server-fixture.ts'

/** As a Chinese Excel saves it: GB18030, `学号,姓名`, 张伟 twice, and a line without a number. */
const ROSTER = Buffer.from('d1a7bac52cd0d5c3fb0d0a312cd5c5ceb00d0a322cd5c5ceb00d0a2cc0eec4c80d0a', 'hex')

inBrowser('a course', (browser) => {
  test.each([
    ['en', 1440],
    ['zh', 390],
  ] as const)('is made, filled from a file, and taught (%s, %d px)', async (lang, width) => {
    const { comeAsTeacher, come } = await serverFixture(browser())
    const teacher = await comeAsTeacher({ lang, width })
    const { say } = teacher
    const page = await teacher.open('/teach/courses')
    await page.getByLabel(say('courses_name')).fill('Networks')
    await inspect(page, 'courses')
    await page.getByRole('button', { name: say('courses_create') }).click()

    await page.getByRole('button', { name: say('roster_import') }).click()
    await page.locator('input[type=file]').setInputFiles({ name: 'roster.csv', mimeType: 'text/csv', buffer: ROSTER })
    await page.getByText(say('roster_fault_no_number')).waitFor()
    await inspect(page, 'course-import')
    await page.getByRole('button', { name: say('roster_store', { count: 2 }) }).click()
    await page.getByRole('rowheader', { name: '张伟' }).nth(1).waitFor()
    await inspect(page, 'course-members')
    await page.getByRole('link', { name: say('sheet_title'), exact: true }).click()
    const card = page.getByRole('listitem').filter({ hasText: '/m/' }).first()
    const path = /\/m\/[\w-]+/.exec((await card.textContent()) ?? '')?.[0] ?? ''
    await inspect(page, 'course-links')

    const course = /courses\/([\w-]+)/.exec(page.url())?.[1] ?? ''
    const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster' }
    const { id, code } = await teacher.post<SessionInfo>(`/api/courses/${course}/sessions`, wanted)
    await page.goto(`/teach/${id}`)
    await page.getByText(say('teach_missing', { count: 2 })).waitFor()
    await inspect(page, 'board-missing')

    const phone = await come({ lang, width: 390, refusals: true })
    const onPhone = await phone.open(path)
    const enter = onPhone.getByRole('button', { name: say('member_enter', { title: 'Monday' }) })
    await enter.waitFor()
    await inspect(onPhone, 'member')
    await enter.click()
    await page.getByText(say('teach_missing', { count: 1 })).waitFor()

    const laptop = await come({ lang, refusals: true })
    const onLaptop = await laptop.open(`/j/${code}`)
    await onLaptop.getByLabel(say('member_number_label')).fill('1')
    await onLaptop.getByRole('button', { name: say('member_enter_button') }).click()
    await onLaptop.getByText(say('member_elsewhere')).waitFor()
    await inspect(onLaptop, 'member-elsewhere')
    await onLaptop.getByRole('button', { name: say('member_go_on_here') }).click()
    await onPhone.getByText(say('asleep_text')).waitFor()
    await inspect(onPhone, 'member-asleep')
    await onPhone.getByRole('button', { name: say('member_go_on_here') }).click()
    await onLaptop.getByText(say('asleep_text')).waitFor()
    await onPhone.getByText(say('asleep_text')).waitFor({ state: 'detached' })
  })
})
