/**
 * `npm test`: runs every test, lists the slowest files, and ends with one line, `N passed, N failed, N skipped`.
 *
 * - `--no-skip`: a skipped test makes the run fail.
 * - `--with-checks`: runs the checks of `npm run check` first; each counts as one test.
 * - `--fast`: takes about a minute and covers what a change most often breaks: the types, which count as one test, and tests of
 *   pure code.
 * - All other arguments are passed to Vitest: `npm test -- test/engine`.
 *
 * `VOLUME=full` runs many more random cases: see test/support/volume.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { check } from './check.mjs'
import { generate } from './generate.mjs'
import { chromium, firefox, redisServer, tshark, webKit } from './lib/programs.mjs'
import { UserFacingError, ROOT, tool } from './lib/run.mjs'

/**
 * Folders of tests that need no server, browser or database. They leave no state behind, so a worker can keep its loaded modules.
 */
const PURE = ['capture', 'client', 'engine', 'exercises', 'http', 'ladder', 'round', 'teacher', 'texts', 'tls', 'wire']
/** Files in these folders that `--fast` leaves out, because they run many random cases or wait for another program. */
const LONG = ['any-action', 'mistakes', 'plant', 'play', 'properties', 'random-legal-play', 'tshark', 'wireshark']

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */
/**
 * Vitest's report in Jest's format; times are in ms.
 * @typedef {{ name: string, status: string, startTime: number, endTime: number, assertionResults: { status: string }[] }} File
 * @typedef {{ testResults: File[] }} Report
 */

const args = process.argv.slice(2)
const noSkip = args.includes('--no-skip')
const withChecks = args.includes('--with-checks')
const fast = args.includes('--fast')
const forVitest = args.filter((arg) => !['--no-skip', '--with-checks', '--fast'].includes(arg))

/** How many of the slowest files are listed at the end. */
const MAX_SLOWEST = 8

/** @type {Count} */
const count = { passed: 0, failed: 0, skipped: 0 }
try {
  if (withChecks) add(await check())
  else await generate()
  const counts = fast ? [types(), vitest(['--no-isolate', ...fastFiles(), ...forVitest])] : [vitest(forVitest)]
  for (const each of await Promise.all(counts)) add(each)
} catch (error) {
  console.error(error instanceof UserFacingError ? error.message : error)
  count.failed += 1
}

if (!fast) {
  if (!chromium)
    console.log('No Chromium here: tests in a browser were skipped. On Debian: apt-get install chromium-headless-shell')
  if (!firefox) console.log('No Firefox here: its lesson was skipped. On Debian: apt-get install firefox-esr')
  if (!webKit) console.log('No WebKit here: its lesson was skipped. On Debian: apt-get install webkit2gtk-driver xvfb')
  if (!redisServer)
    console.log('No redis-server here: tests of several nodes were skipped. On Debian: apt-get install redis-server')
  if (!tshark) console.log('No tshark here: captures were not shown to Wireshark. On Debian: apt-get install tshark')
}
if (noSkip && count.skipped > 0) console.log('Nothing may be skipped in this run (--no-skip).')
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exitCode = count.failed > 0 || (noSkip && count.skipped > 0) ? 1 : 0

/** @param {Partial<Count>} more */
function add({ passed = 0, failed = 0, skipped = 0 }) {
  count.passed += passed
  count.failed += failed
  count.skipped += skipped
}

function fastFiles() {
  return PURE.flatMap((folder) => {
    const names = readdirSync(`test/${folder}`).filter((name) => name.endsWith('.test.ts'))
    return names.filter((name) => !LONG.includes(name.replace('.test.ts', ''))).map((name) => `test/${folder}/${name}`)
  })
}

/**
 * Checks the types, as one test.
 * @returns {Promise<Partial<Count>>}
 */
async function types() {
  try {
    await tool('node_modules/typescript/bin/tsc', ['--noEmit'], { quiet: true })
    return { passed: 1 }
  } catch (error) {
    if (!(error instanceof UserFacingError)) throw error
    console.error(error.message)
    return { failed: 1 }
  }
}

/**
 * Runs Vitest and counts the results in its report. Each failure outside any test (a file that cannot be loaded, an unhandled
 * rejection) counts as one failure.
 * @param {readonly string[]} args
 * @returns {Promise<Count>}
 */
async function vitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'handshake-report-'))
  const file = join(folder, 'report.json')
  try {
    let succeeded = true
    await tool('node_modules/vitest/vitest.mjs', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...args,
    ]).catch((error) => {
      if (!(error instanceof UserFacingError)) throw error
      succeeded = false
    })
    /** @type {Report} */
    const report = JSON.parse(readFileSync(file, 'utf8'))
    console.log(slowest(report))
    return counted(report, succeeded)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * Lists the files that took longest. Files run in parallel, so their times overlap.
 * @param {Report} report
 */
function slowest({ testResults }) {
  const rows = testResults
    .map(({ name, startTime, endTime }) => ({ name: relative(ROOT, name), seconds: (endTime - startTime) / 1000 }))
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, MAX_SLOWEST)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`)
  return ['The slowest files:', ...rows].join('\n')
}

/**
 * @param {Report} report
 * @param {boolean} succeeded whether Vitest itself reports success
 * @returns {Count}
 */
function counted({ testResults }, succeeded) {
  const statuses = testResults.flatMap((file) => file.assertionResults.map((test) => test.status))
  const passed = statuses.filter((status) => status === 'passed').length
  const failed = statuses.filter((status) => status === 'failed').length
  const unloadable = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const outside = unloadable || (succeeded || failed > 0 ? 0 : 1)
  return { passed, failed: failed + outside, skipped: statuses.length - passed - failed }
}
