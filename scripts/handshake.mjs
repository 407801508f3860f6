#!/usr/bin/env node
/**
 * The command `handshake`. Without arguments it starts the classroom. It is plain JavaScript, because it runs before anything has
 * been built.
 */
import { ensureBuilt } from './build.mjs'
import { UserFacingError, ROOT } from './lib/run.mjs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const HELP = `handshake              starts the classroom and prints its addresses
handshake --demo       does the same, and opens a lesson in which a program plays the students
handshake judge FILE   judges a capture (pcap or pcapng, gzipped or not, - for standard input)
                       [--keylog FILE] [--format text|jsonl] [--quiet]: see docs/judge.md
handshake play EXERCISE
                       plays an exercise with two built-in partners and prints the conversation
                       [--level L] [--lang zh|en] [--seed N] [--pcap FILE] [--format text|jsonl]
handshake check FILE…  checks exercises: form, both languages, and by play that the goal can be reached
handshake backup FILE  writes everything that the classroom keeps into one file, while it runs or not
handshake restore FILE puts it into a database that is empty, or not there yet
handshake log ROUND    prints a round's rows in words, while it runs or not
handshake regrade ROUND|all
                       judges stored rounds again, and lists what comes out differently
handshake teacher-link [ACCOUNT]
                       prints a new one-time link to the owner's account, or to the one of this e-mail address or name
handshake --help       says this

PORT, HOST, DATA_DIR, DATABASE_URL, REDIS_URL and BASE_URL set it up: see docs/operators.md.`

const [command, ...rest] = process.argv.slice(2)
if (command === undefined) await start()
else if (command === '--demo' && rest.length === 0) await start({ demo: true })
else if (command === 'judge' || command === 'play' || command === 'check') await runTool(command)
else if (['backup', 'restore', 'log', 'regrade', 'teacher-link'].includes(command)) await runServerCommand(command)
else if (command === '--help' && rest.length === 0) console.log(HELP)
else {
  console.error(`handshake: there is no command "${[command, ...rest].join(' ')}". "handshake --help" lists them.`)
  process.exitCode = 2
}

/**
 * Runs a command that needs neither the server nor a database, and does not load them.
 * @param {'judge' | 'play' | 'check'} name
 */
async function runTool(name) {
  try {
    // The build is announced on stderr, because a program may read the command's stdout.
    await ensureBuilt('cli', console.error)
  } catch (error) {
    console.error(error instanceof UserFacingError ? error.message : error)
    process.exit(2)
  }
  const cli = await import(pathToFileURL(join(ROOT, `dist/cli/${name}.js`)).href)
  const run = { judge: cli.runJudge, play: cli.runPlay, check: cli.runCheck }[name]
  process.exitCode = await run(rest, process, join(ROOT, 'exercises'))
}

/**
 * Runs a command that works on the classroom's database without starting a server.
 * @param {string} name
 */
async function runServerCommand(name) {
  try {
    await ensureBuilt('classroom', console.error)
    const commands = await import(pathToFileURL(join(ROOT, 'dist/server/commands.js')).href)
    process.exitCode = await commands.runCommand(name, rest, process)
  } catch (error) {
    console.error(error instanceof UserFacingError ? error.message : error)
    process.exit(2)
  }
}

async function start(options = {}) {
  /** @type {((error: unknown) => string | null) | undefined} */
  let toUserMessage
  try {
    await ensureBuilt('classroom', console.log)
    const server = await import(pathToFileURL(join(ROOT, 'dist/server/main.js')).href)
    toUserMessage = server.toUserMessage
    await server.start(options)
  } catch (error) {
    console.error(toUserMessage?.(error) ?? (error instanceof UserFacingError ? error.message : error))
    process.exit(1)
  }
}
