/** `npm run check`: all checks of the sources that do not run them. Prints the result and the time of each check. */
import { availableParallelism } from 'node:os'
import { generate } from './generate.mjs'
import { UserFacingError, isMain, run, tool } from './lib/run.mjs'

/** Name, script relative to the root, arguments; the slowest first, so that they overlap with the others. */
const CHECKS = /** @type {const} */ ([
  ['lint', 'node_modules/eslint/bin/eslint.js', ['.', '--max-warnings=0']],
  ['types', 'node_modules/typescript/bin/tsc', ['--noEmit']],
  ['script types', 'node_modules/typescript/bin/tsc', ['--noEmit', '--project', 'scripts']],
  ['page types', 'node_modules/svelte-check/bin/svelte-check', ['--tsconfig', 'client/tsconfig.json', '--fail-on-warnings']],
  ['format', 'node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']],
  [
    'imports',
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    [...'protocol crypto contract exercises server cli client scripts test'.split(' ')],
  ],
  ['dead code', 'node_modules/knip/bin/knip.js', ['--treat-config-hints-as-errors']],
])

/** They make many short-lived objects: with more room for these, a tenth less time goes into collecting garbage. */
const ROOM = { NODE_OPTIONS: '--max-semi-space-size=64' }

if (isMain(import.meta.url))
  await run(async () => {
    if ((await check()).failed > 0) process.exitCode = 1
  })

/**
 * Runs all checks, as many at once as there are processors, and prints the result of each.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function check() {
  await generate()
  const waiting = [...CHECKS]
  /** @type {string[]} */
  const failed = []
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, script, args] = next
      const start = performance.now()
      const failure = await tool(script, args, { quiet: true, env: ROOM }).then(
        () => null,
        (error) => (error instanceof UserFacingError ? error.message : error),
      )
      const seconds = ((performance.now() - start) / 1000).toFixed(1)
      console.log(`${failure === null ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${seconds.padStart(5)} s`)
      if (failure === null) continue
      console.log(failure)
      failed.push(name)
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), CHECKS.length) }, worker))
  console.log(
    failed.length === 0
      ? `All ${CHECKS.length} checks passed.`
      : `${failed.length} of ${CHECKS.length} checks failed: ${failed.join(', ')}`,
  )
  return { passed: CHECKS.length - failed.length, failed: failed.length }
}
