/** Pages of the real server in a real Chromium. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults, RunOptions } from 'axe-core'
import { chromium as engine, type Browser, type BrowserContext, type Download, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject } from 'vitest'
import type { Lang } from '../../protocol/round/model/exercise.ts'
import { chromium } from '../../scripts/lib/programs.mjs'
import { FULL } from './volume.ts'
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
  /** Somebody who has not played the first minute yet. */
  readonly newcomer?: boolean
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
  const { lang = 'en', theme = 'light', width = 1440, touch = false, young = false, newcomer = false } = options
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
  if (!newcomer) await context.addInitScript("try { localStorage.setItem('tutorial', 'skipped') } catch {}")
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

/** `VOLUME=full`, or a wish for pictures: every state is inspected however often it is passed, and always in both themes. */
const EVERY_TIME = FULL || process.env['SCREENSHOTS'] !== undefined
const inspected = new Set<string>()

/** Whether this has to be inspected now; by default only where this process has not done so before. */
function isDue(what: string): boolean {
  const isNew = !inspected.has(what)
  inspected.add(what)
  return isNew || EVERY_TIME
}

/**
 * Expects that axe finds nothing on the page in its present state, and that nothing overflows it horizontally; and once for each name that its
 * contrasts suffice in the other theme, too. If SCREENSHOTS names a folder, a screenshot of each is saved there.
 */
export async function inspect(page: Page, name: string): Promise<void> {
  const { isDark, lang, sticksOut } = await page.evaluate<{ isDark: boolean; lang: string; sticksOut: number }>(`({
    isDark: matchMedia('(prefers-color-scheme: dark)').matches,
    lang: document.documentElement.lang,
    sticksOut: document.documentElement.scrollWidth - innerWidth,
  })`)
  const title = `${name}-${lang}-${page.viewportSize()?.width}`
  expect(sticksOut, `${title}: sticks out`).toBeLessThanOrEqual(0)
  const [own, other] = isDark ? (['dark', 'light'] as const) : (['light', 'dark'] as const)
  if (isDue(title)) {
    isDue(`${name} ${own}`)
    await expectNoViolations(page, `${title}-${own}`, {})
  }
  if (!isDue(`${name} ${other}`)) return
  // Only the contrast depends on the colours.
  await page.emulateMedia({ colorScheme: other })
  await expectNoViolations(page, `${title}-${other}`, { runOnly: ['color-contrast'] })
  await page.emulateMedia({ colorScheme: own })
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe is asked. Its source is injected into a page only once. */
async function expectNoViolations(page: Page, title: string, options: RunOptions): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder) await page.screenshot({ path: join(folder, `${title}.png`) })
  if (await page.evaluate("!('axe' in window)")) await page.evaluate(axeSource)
  const run = JSON.stringify({ ...options, resultTypes: ['violations'] } satisfies RunOptions)
  const violations = await page.evaluate<AxeResults['violations']>(`axe.run(document, ${run}).then(({ violations }) => violations)`)
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`))
  expect(found, title).toEqual([])
}
