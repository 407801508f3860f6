/** Generates the code that is not kept in git. Runs after `npm install` and `npm ci`; needs no network. */
import { compileMessages } from './lib/messages.mjs'
import { compileClient } from './lib/prisma.mjs'
import { isMain, run } from './lib/run.mjs'

if (isMain(import.meta.url)) await run(generate)

/** Generates everything. */
export async function generate() {
  compileMessages()
  await compileClient()
}
