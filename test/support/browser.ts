/** Pages of the real server in a real Chromium. */
import { join } from 'node:path'
import axe, { type AxeResults, type RunOptions } from 'axe-core'
import { chromium as engine, type Browser, type BrowserContext, type Download, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject } from 'vitest'
import type { Lang } from '../../protocol/round/model/exercise.ts'
import { chromium } from '../../scripts/lib/programs.mjs'
import { sayIn, type Say } from './words.ts'

/** Real ms to wait for a page to show something. Generous, because the machine may be busy. */
const PATIENCE = 20_000

/** Defines tests that use the run's Chromium. They are skipped if there is none. */
export function inBrowser(title: string, tests: (browser: () => Browser) => void): void {
  describe.skipIf(!chromium)(title, () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await engine.connect(inject('chromium'))
    })
    afterAll(() => browser.close())
    tests(() => browser)
  })
}

export interface VisitorOptions {
  readonly lang?: Lang
  readonly theme?: 'light' | 'dark'
  /** CSS px. */
  readonly width?: number
  /** A touch screen instead of a mouse. */
  readonly touch?: boolean
  /** A browser as it is, not as old as those that are supported. Needed by `routeWebSocket`, whose script uses younger functions. */
  readonly young?: boolean
}

/** A person with a browser context: its windows share cookies and storage, and no other visitor does. */
export interface Visitor {
  readonly lang: Lang
  readonly say: Say
  readonly context: BrowserContext
  /** What the browser reported on any page: violations of the content security policy, exceptions, `console.error`. */
  readonly complaints: readonly string[]
  open(path: string): Promise<Page>
}

/**
 * Removes what the oldest browsers lack that `BROWSERS` in vite.config.ts names: no page may use it. Bundling brings syntax down to their level,
 * but no functions.
 */
const AS_OLD_AS_SUPPORTED = `
  const younger = [
    [Array.prototype, ['toReversed', 'toSorted', 'toSpliced', 'with']],
    [Object.getPrototypeOf(Uint8Array.prototype), ['toReversed', 'toSorted', 'with']],
    [String.prototype, ['isWellFormed', 'toWellFormed']],
    [Set.prototype, ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom']],
    [globalThis.Iterator?.prototype, ['map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'toArray', 'forEach', 'some', 'every', 'find']],
    [Array, ['fromAsync']], [Object, ['groupBy']], [Map, ['groupBy']], [Promise, ['withResolvers', 'try']],
    [URL, ['canParse', 'parse']], [AbortSignal, ['any']],
  ]
  for (const [owner, names] of younger) for (const name of names) if (owner) delete owner[name]`

/** Opens a browser context for a visitor of the server at `origin`. */
export async function visit(browser: Browser, origin: string, options: VisitorOptions = {}): Promise<Visitor> {
  const { lang = 'en', theme = 'light', width = 1440, touch = false, young = false } = options
  const context = await browser.newContext({
    baseURL: origin,
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: theme,
    reducedMotion: 'reduce',
    viewport: { width, height: width < 600 ? 844 : 900 },
    hasTouch: touch,
    isMobile: touch,
  })
  context.setDefaultTimeout(PATIENCE)
  if (!young) await context.addInitScript(AS_OLD_AS_SUPPORTED)
  const complaints: string[] = []
  context.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    // The test itself took the network down.
    if (!message.text().includes('ERR_INTERNET_DISCONNECTED')) complaints.push(`${message.text()} ${message.location().url}`)
  })
  context.on('weberror', (error) => complaints.push(error.error().stack ?? error.error().message))
  return {
    lang,
    say: sayIn(lang),
    context,
    complaints,
    async open(path) {
      const page = await context.newPage()
      await page.goto(path)
      return page
    },
  }
}

/** The content of a file that a page made the browser download. */
export async function contentOf(download: Download): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of await download.createReadStream()) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

/** Waits until `look` returns `value`. */
export const until = async <T>(look: () => Promise<T>, value: T): Promise<void> => {
  await expect.poll(look, { timeout: PATIENCE }).toEqual(value)
}

/**
 * Expects that axe finds nothing on the page in its present state, in light and in dark, and that nothing overflows it
 * horizontally. If SCREENSHOTS names a folder, a screenshot of each is saved there.
 */
export async function inspect(page: Page, name: string): Promise<void> {
  const before = (await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")) ? 'dark' : 'light'
  const lang = await page.locator('html').getAttribute('lang')
  const width = page.viewportSize()?.width
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const folder = process.env['SCREENSHOTS']
    const title = `${name}-${lang}-${width}-${colorScheme}`
    if (folder) await page.screenshot({ path: join(folder, `${title}.png`) })
    // Only the contrast depends on the colours.
    const violations = await violationsOn(page, colorScheme === 'light' ? {} : { runOnly: ['color-contrast'] })
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`))
    expect(found, title).toEqual([])
  }
  await page.emulateMedia({ colorScheme: before })
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), `${name}: sticks out`).toBeLessThanOrEqual(0)
}

/** What axe finds. Its source is injected into a page only once. */
async function violationsOn(page: Page, options: RunOptions): Promise<AxeResults['violations']> {
  if (await page.evaluate("!('axe' in window)")) await page.evaluate(axe.source)
  const run = JSON.stringify({ ...options, resultTypes: ['violations'] } satisfies RunOptions)
  return page.evaluate<AxeResults['violations']>(`axe.run(document, ${run}).then(({ violations }) => violations)`)
}
