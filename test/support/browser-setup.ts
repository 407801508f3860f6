/** What all browser tests of a run share across workers: one server, started as an operator starts it, and one Chromium. */
import { chromium as playwright } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { ensureBuilt } from '../../scripts/build.mjs'
import { chromium } from '../../scripts/lib/programs.mjs'
import { createDataDirectory, LOCAL, postgresOf, removeDataDirectory, serving, spawnHandshake } from './spawn.ts'

/** A non-loopback address, so that pages there are not a secure context. Chromium resolves it to this machine. */
export const ELSEWHERE = '192.0.2.10'

declare module 'vitest' {
  interface ProvidedContext {
    /** The shared server's port and the URL of its database. */
    server: { readonly port: number; readonly database: string }
    /** The Playwright endpoint of the shared Chromium. */
    chromium: string
  }
}

export default async function setup({ provide }: TestProject) {
  if (!chromium) return
  await ensureBuilt('classroom', console.log)
  const dataDir = await createDataDirectory()
  const [server, browser] = await Promise.all([serving(spawnHandshake({ ...LOCAL, DATA_DIR: dataDir })), launch(chromium)])
  provide('server', { port: server.port, database: postgresOf(dataDir) })
  provide('chromium', browser.wsEndpoint())
  return async () => {
    await Promise.all([browser.close(), server.kill('SIGTERM')])
    await removeDataDirectory(dataDir)
  }
}

/**
 * What a Chromium with windows does not need here: a page for each window's address bar, and a process kept in reserve. The first of these are
 * switched off by Playwright, whose switch this one replaces: HTTP stays HTTP, and pages are painted at once.
 */
const NOT_NEEDED = [
  ...['HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable', 'PaintHolding', 'AvoidUnnecessaryBeforeUnloadCheckSync'],
  ...['DestroyProfileOnBrowserClose', 'LensOverlay', 'MediaRouter', 'OptimizationHints', 'NetworkTimeServiceQuerying'],
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'SpareRendererForSitePerProcess'],
]

const launch = (executablePath: string) =>
  playwright.launchServer({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${NOT_NEEDED.join(',')}`,
      `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`,
    ],
  })
