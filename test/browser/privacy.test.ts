/** The page about privacy, from the foot of another page. */
import { expect, test } from 'vitest'
import { inBrowser, inspect } from '../support/browser.ts'
import { serverFixture } from '../support/server-fixture.ts'

inBrowser('the page about privacy', (browser) => {
  test.each([
    ['en', 1440],
    ['zh', 390],
  ] as const)('says what is stored, in either language (%s, %d px)', async (lang, width) => {
    const { come } = await serverFixture(browser())
    const guest = await come({ lang, width })
    // Not from the check of the device, which would be cut off in the middle of its requests.
    const page = await guest.open('/glossary')
    await page.getByRole('link', { name: guest.say('foot_privacy') }).click()
    await page.getByText('365').waitFor()
    await inspect(page, 'privacy')
    expect(await page.getByRole('heading', { level: 3 }).count()).toBeGreaterThan(10)
  })
})
