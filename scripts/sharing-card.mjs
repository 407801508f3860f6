/**
 * Draws client/public/card.png, which others show beside a link to the classroom, from the home page of a classroom that runs:
 * `node scripts/sharing-card.mjs http://127.0.0.1:8080`
 */
import { join } from 'node:path'
import { chromium as engine } from 'playwright-core'
import { chromium } from './lib/programs.mjs'
import { ROOT, UserFacingError } from './lib/run.mjs'

/** In CSS px. At this scale the picture has the 1200 × 630 px that the sites which show such cards ask for, and a type that stays legible there. */
const SIZE = { width: 800, height: 420 }
const SCALE = 1.5

/** Leaves the heading and the drawing. */
const ONLY_THE_PICTURE = `
  body > #app > :is(header, footer), .lead, .join, nav, figure button { display: none !important }
  main.home { padding: 40px !important; gap: 28px !important }
  main.home h1 { font-size: 44px !important; text-align: center }`

const [, , address] = process.argv
if (!address || !chromium) throw new UserFacingError('Name the address of a classroom that runs; a Chromium is needed as well.')
const browser = await engine.launch({ executablePath: chromium, args: ['--no-sandbox'] })
const page = await browser.newPage({
  viewport: SIZE,
  deviceScaleFactor: SCALE,
  reducedMotion: 'reduce',
  colorScheme: 'light',
  locale: 'en-GB',
  // The pages allow no style of others.
  bypassCSP: true,
})
await page.goto(address)
await page.locator('figure svg').waitFor()
await page.addStyleTag({ content: ONLY_THE_PICTURE })
await page.evaluate('document.activeElement.blur()')
await page.screenshot({ path: join(ROOT, 'client/public/card.png'), animations: 'disabled' })
await browser.close()
