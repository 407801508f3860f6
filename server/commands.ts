/** The commands that work on the classroom's database. They are built as dist/server/commands.js. */
import { type Config, ConfigError, readConfig } from './base/config.ts'
import { backUp, restore } from './commands/backup.ts'
import { printLog } from './commands/print-log.ts'
import { regradeRounds } from './commands/regrade.ts'
import { DatabaseError } from './database/error.ts'

/**
 * Each command takes one argument and resolves to the text to print. The ids of rounds may begin with a hyphen; names of files
 * may not.
 */
const COMMANDS: Readonly<Record<string, { readonly argument: string; run(config: Config, argument: string): Promise<string> }>> = {
  backup: { argument: 'FILE', run: backUp },
  restore: { argument: 'FILE', run: restore },
  log: { argument: 'ROUND', run: printLog },
  regrade: { argument: 'ROUND|all', run: regradeRounds },
}

interface Surroundings {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly env: NodeJS.ProcessEnv
}

/**
 * Runs a command. Resolves to the exit status: 0 for success, 1 for failure, 2 for wrong usage. For 1 and 2, one line on standard
 * error gives the reason.
 */
export async function runCommand(name: string, args: readonly string[], { stdout, stderr, env }: Surroundings): Promise<0 | 1 | 2> {
  const command = COMMANDS[name]!
  const usage = `handshake ${name} ${command.argument}`
  if (args.length === 1 && args[0] === '--help') {
    stdout.write(`${usage}\n`)
    return 0
  }
  const [argument] = args
  if (argument === undefined || args.length > 1 || (command.argument === 'FILE' && argument.startsWith('-'))) {
    stderr.write(`handshake ${name}: one ${command.argument} is needed. Usage: ${usage}\n`)
    return 2
  }
  try {
    stdout.write(`${await command.run(readConfig(env), argument)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof DatabaseError || error instanceof ConfigError)) throw error
    stderr.write(`handshake ${name}: ${error.message}\n`)
    return 1
  }
}
