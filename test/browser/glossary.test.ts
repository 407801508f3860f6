/** The glossary page: the terms of TCP, each with one sentence. */
import { expect, test } from 'vitest'
import { inBrowser, inspect } from '../support/browser.ts'
import { serverFixture } from '../support/server-fixture.ts'

inBrowser('the glossary', (browser) => {
  test.each([
    { lang: 'en', theme: 'light', width: 1440 },
    { lang: 'zh', theme: 'dark', width: 390 },
  ] as const)(
    '$lang, $theme, $width px: an anchor leads to its word, and a search finds one in either language',
    async (options) => {
      const { come } = await serverFixture(browser())
      const { open } = await come({ ...options, host: 'localhost' })
      const page = await open('/glossary#time-wait')
      await page.locator('#time-wait').waitFor()
      await expect.poll(async () => (await page.locator('#time-wait').boundingBox())?.y).toBeLessThan(100)
      await inspect(page, `glossary-${options.lang}`)
      await page.getByRole('searchbox').fill('报文段寿命')
      expect(await page.locator('dt').count()).toBe(1)
      await page.getByRole('searchbox').fill('no such word')
      await page.getByRole('status').filter({ hasText: /\S/ }).waitFor()
    },
  )
})
