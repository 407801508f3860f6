/** Programs of the system that some tests need. If one is missing, its tests are skipped, and `npm test` reports that. */
import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/**
 * Finds the first of these programs that exists: names are looked up in PATH, absolute paths are used unchanged.
 * @param {readonly (string | undefined)[]} candidates
 * @returns {string | null}
 */
function find(candidates) {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const places = candidates.flatMap((name) =>
    !name ? [] : isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name)),
  )
  return places.find(isExecutable) ?? null
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const WINDOWS = process.platform === 'win32' ? '.exe' : ''

/**
 * A browser that Playwright can drive; the one without windows first, as it does the same pages with half the work. CHROMIUM_PATH may name
 * another one.
 */
export const chromium = find([
  process.env['CHROMIUM_PATH'],
  ...['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'chrome'].map((name) => name + WINDOWS),
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
])

export const redisServer = find([`redis-server${WINDOWS}`])

export const tshark = find([`tshark${WINDOWS}`, 'C:\\Program Files\\Wireshark\\tshark.exe'])

export const firefox = find(['firefox-esr', 'firefox'])

/** WebKitGTK's browser for tests and what drives it on a screen that nobody sees. Libraries' folders are not in PATH. */
export const miniBrowser = find(
  ['4.1', '6.0', '4.0'].flatMap((version) =>
    ['x86_64', 'aarch64'].map(
      (machine) => `/usr/lib/${machine}-linux-gnu/webkit${version === '6.0' ? '' : '2'}gtk-${version}/MiniBrowser`,
    ),
  ),
)
export const webKitDriver = find(['WebKitWebDriver'])
export const xvfb = find(['Xvfb'])
/** Whether there is all that WebKit's tests need. */
export const webKit = Boolean(miniBrowser && webKitDriver && xvfb)
