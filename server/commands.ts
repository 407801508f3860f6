/** The commands that work on the classroom's database. They are built as dist/server/commands.js. */
import { type Config, ConfigError, readConfig } from './base/config.ts'
import { backUp, restore } from './commands/backup.ts'
import { printLog } from './commands/print-log.ts'
import { regradeRounds } from './commands/regrade.ts'
import { printTeacherLink } from './commands/teacher-link.ts'
import { DatabaseError } from './database/error.ts'

/**
 * Each command takes one argument, which may be optional, and resolves to the text to print. The ids of rounds and accounts may
 * begin with a hyphen; names of files may not.
 */
type Command =
  | { readonly argument: string; run(config: Config, argument: string): Promise<string> }
  | { readonly optional: string; run(config: Config, argument?: string): Promise<string> }

const COMMANDS: Readonly<Record<string, Command>> = {
  backup: { argument: 'FILE', run: backUp },
  restore: { argument: 'FILE', run: restore },
  log: { argument: 'ROUND', run: printLog },
  regrade: { argument: 'ROUND|all', run: regradeRounds },
  'teacher-link': { optional: 'ACCOUNT', run: printTeacherLink },
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
  const usage = `handshake ${name} ${'optional' in command ? `[${command.optional}]` : command.argument}`
  if (args.length === 1 && args[0] === '--help') {
    stdout.write(`${usage}\n`)
    return 0
  }
  const [argument] = args
  const problem = describeMisuse(command, args)
  if (problem !== null) {
    stderr.write(`handshake ${name}: ${problem}. Usage: ${usage}\n`)
    return 2
  }
  try {
    const config = readConfig(env)
    // Without an argument, the command is one whose argument is optional.
    stdout.write(`${await ('optional' in command ? command.run(config, argument) : command.run(config, argument!))}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof DatabaseError || error instanceof ConfigError)) throw error
    stderr.write(`handshake ${name}: ${error.message}\n`)
    return 1
  }
}

/** Why these arguments are not the command's; null if they are. */
function describeMisuse(command: Command, args: readonly string[]): string | null {
  if ('optional' in command) return args.length > 1 ? `at most one ${command.optional} can be given` : null
  const isOption = command.argument === 'FILE' && args[0]?.startsWith('-') === true
  return args.length === 1 && !isOption ? null : `one ${command.argument} is needed`
}
