/** Runs a script's main function, and runs other tools from a script, in the same way on every system. */
import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository's root directory. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** An error that its message explains completely: printed as one line, without a stack. */
export class UserFacingError extends Error {}

/**
 * Whether this module is the script that Node was started with.
 * @param {string} url its `import.meta.url`
 */
export const isMain = (url) => process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url)

/**
 * Runs a script's main function. A failure is printed and becomes exit code 1.
 * @param {() => Promise<unknown>} main
 */
export async function run(main) {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof UserFacingError ? error.message : error)
    process.exitCode = 1
  }
}

/**
 * Runs a JavaScript tool of node_modules and waits until it ends. Its output is shown immediately, or with `quiet` only if it
 * fails.
 * @param {string} script its path relative to the root
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options]
 * @returns {Promise<void>} rejects with a `UserFacingError` if it fails
 */
export function tool(script, args, { quiet = false, env = {} } = {}) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += chunk))
  child.stderr?.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new UserFacingError(`${output}${script} ${args.join(' ')} failed (exit code ${code}).`))
    })
  })
}
