/** An owner invites a colleague, who comes by the link, makes a token, ends a sign-in of their own; the owner blocks the colleague. */
import { expect, test } from 'vitest'
import { inBrowser, inspect } from '../support/browser.ts'
import { serverFixture } from '../support/server-fixture.ts'

inBrowser('accounts of teachers', (browser) => {
  test.each([
    ['en', 1440],
    ['zh', 390],
  ] as const)('invited, named, signed in elsewhere, blocked (%s, %d px)', async (lang, width) => {
    const { prisma, teacherId, comeAsTeacher, come } = await serverFixture(browser())
    const [owner, colleague] = [await comeAsTeacher({ lang, width }), await come({ lang, width, refusals: true })]
    const { say } = owner
    await prisma.teacher.update({ where: { id: teacherId }, data: { owner: true, name: `Owner ${lang}` } })

    const list = await owner.open('/teach/colleagues')
    // The form is filled in by keyboard alone.
    await list.getByRole('textbox', { name: say('account_name'), exact: true }).focus()
    await list.keyboard.type(`Kim ${lang}`)
    await list.keyboard.press('Enter')
    const link = await list.getByLabel(say('colleagues_link')).inputValue()
    await inspect(list, 'colleagues-link')
    await list.getByRole('button', { name: say('colleagues_done') }).click()
    await list.getByText(say('colleagues_waiting')).first().waitFor()
    await inspect(list, 'colleagues')

    const theirs = await colleague.open(new URL(link).pathname + new URL(link).hash)
    await theirs.getByRole('link', { name: say('teach_account'), exact: true }).click()
    await theirs.getByLabel(say('account_email')).fill('kim')
    await theirs.getByRole('button', { name: say('account_save') }).click()
    await theirs.getByText(say('account_email_wrong')).waitFor()
    await theirs.getByLabel(say('account_email')).fill(`kim.${lang}@example.org`)
    await theirs.getByRole('button', { name: say('account_save') }).click()
    await theirs.getByText(say('account_saved')).waitFor()
    await theirs.getByLabel(say('account_password_new')).fill('password of kim')
    await theirs.getByRole('button', { name: say('account_password_save') }).click()
    await theirs.getByText(say('account_password_saved')).waitFor()

    await theirs.getByLabel(say('tokens_name')).fill('nightly')
    await theirs.getByRole('button', { name: say('tokens_create') }).click()
    const secret = await theirs.getByLabel(say('tokens_secret'), { exact: true }).inputValue()
    expect(secret).toMatch(/^hsk_/)
    await inspect(theirs, 'token')
    await theirs.getByRole('button', { name: say('colleagues_done') }).click()
    await theirs.getByText(say('tokens_never_used')).waitFor()

    const elsewhere = await come({ lang, width, refusals: true })
    const second = await elsewhere.open('/teach')
    await second.getByText(say('teach_sign_in_link')).waitFor()
    await inspect(second, 'sign-in')
    await elsewhere.post('/api/teacher/login', { login: `KIM.${lang}@example.org`, password: 'password of kim' })
    await theirs.reload()
    const end = theirs.getByRole('button', { name: /Chrom/ })
    await end.waitFor()
    await inspect(theirs, 'account')
    await end.click()
    await theirs.getByText(say('account_sign_in_ended')).waitFor()
    await second.reload()
    await second.getByText(say('teach_sign_in_link')).waitFor()

    const name = `Kim ${lang}`
    await list.reload()
    await list.getByRole('button', { name: say('colleagues_actions', { name }) }).click()
    await list.getByRole('button', { name: say('colleagues_block') }).click()
    await inspect(list, 'colleagues-block')
    await list.getByRole('button', { name: say('colleagues_block_confirm'), exact: true }).click()
    await list.getByText(say('colleagues_is_blocked', { name })).waitFor()
    await theirs.reload()
    await theirs.getByText(say('teach_sign_in_link')).waitFor()
    expect(await prisma.teacher.count({ where: { name, blockedAt: null } })).toBe(0)
  })
})
