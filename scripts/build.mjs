/** Builds the pages into dist/client and the server into dist/server. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, ROOT, run, tool } from './lib/run.mjs'

/** What the build is made from. */
const SOURCES = [
  'client',
  'contract',
  'protocol',
  'prisma',
  'server',
  'package-lock.json',
  'vite.config.ts',
  'vite.server.config.ts',
]
/** Made from sources, by `generate` and by the build itself. */
const GENERATED = ['client/project.inlang/cache', 'client/src/paraglide', 'server/generated']
/** Says which sources dist/ was built from. */
const STAMP = join(ROOT, 'dist/built-from')

if (isMain(import.meta.url)) await run(build)

/** Builds unless dist/ is already what the sources give. In a process of its own, which leaves nothing behind in this one. */
export async function ensureBuilt() {
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== fingerprint()) await tool('scripts/build.mjs', [])
}

async function build() {
  // What is built is for classrooms, even where a test or a developer asks for it.
  process.env['NODE_ENV'] = 'production'
  // These take their time to load, and a start with nothing to build shall not wait for them.
  const [{ generate }, vite] = await Promise.all([import('./generate.mjs'), import('vite')])
  await generate()
  // Not before: the message compiler writes beside its settings, and rewrites these, when it runs for the first time.
  const from = fingerprint()
  for (const configFile of ['vite.config.ts', 'vite.server.config.ts']) await vite.build({ configFile: join(ROOT, configFile) })
  writeFileSync(STAMP, from)
}

/** A hash over every source's name, size and time of change. */
function fingerprint() {
  const hash = createHash('sha256')
  /** @param {string} path */
  const add = (path) => {
    if (GENERATED.includes(path)) return
    const at = join(ROOT, path)
    const stat = statSync(at)
    if (stat.isDirectory()) for (const name of readdirSync(at).sort()) add(`${path}/${name}`)
    else hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
  }
  for (const path of SOURCES) add(path)
  return hash.digest('hex')
}
