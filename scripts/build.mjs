/** Builds the pages into dist/client, the server into dist/server, and the commands that need neither into dist/cli. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, ROOT, run, tool } from './lib/run.mjs'

/**
 * The parts that are built separately, so that a command waits only for the part that it runs: Vite's configurations, the
 * sources, and the file that records which sources dist/ was built from.
 */
const PARTS = {
  classroom: {
    configs: ['vite.config.ts', 'vite.server.config.ts'],
    sources: ['client', 'contract', 'crypto', 'exercises', 'protocol', 'prisma', 'server', 'package-lock.json'],
    stamp: join(ROOT, 'dist/built-from'),
  },
  cli: {
    configs: ['vite.cli.config.ts'],
    sources: ['cli', 'crypto', 'exercises', 'protocol', 'package-lock.json'],
    stamp: join(ROOT, 'dist/cli/built-from'),
  },
}
/** @typedef {keyof typeof PARTS} Part */

/** Generated from other sources by `generate` and by the build itself, so these are not part of the fingerprint. */
const GENERATED = ['client/src/generated', 'server/generated']

if (isMain(import.meta.url))
  await run(async () => {
    const only = process.argv[2]
    for (const part of /** @type {Part[]} */ (Object.keys(PARTS))) if (only === undefined || only === part) await build(part)
  })

/**
 * Builds a part unless dist/ is up to date with the sources. The build runs in a separate process, so that it cannot affect this
 * one; its output is shown only if it fails, or if VERBOSE is set.
 * @param {Part} part
 * @param {(line: string) => void} announce called once, before a build starts
 */
export async function ensureBuilt(part, announce) {
  const { stamp } = PARTS[part]
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(part)) return
  announce('Building what has changed (at the first start: everything) …')
  await tool('scripts/build.mjs', [part], { quiet: !process.env['VERBOSE'] })
}

/** @param {Part} part */
async function build(part) {
  const { configs, stamp } = PARTS[part]
  // The build is always for production, even if a test or a developer starts it.
  process.env['NODE_ENV'] = 'production'
  // Imported only here, because loading Vite takes time that a start with nothing to build should not spend.
  const vite = await import('vite')
  if (part === 'classroom') await (await import('./generate.mjs')).generate()
  const from = fingerprint(part)
  for (const configFile of configs) await vite.build({ configFile: join(ROOT, configFile) })
  writeFileSync(stamp, from)
}

/**
 * A hash over the name, size and modification time of every source.
 * @param {Part} part
 */
function fingerprint(part) {
  const hash = createHash('sha256')
  /** @param {string} path */
  const add = (path) => {
    if (GENERATED.includes(path)) return
    const at = join(ROOT, path)
    const stat = statSync(at)
    if (stat.isDirectory()) for (const name of readdirSync(at).sort()) add(`${path}/${name}`)
    else hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
  }
  for (const path of [...PARTS[part].sources, ...PARTS[part].configs]) add(path)
  return hash.digest('hex')
}
