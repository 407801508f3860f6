/** Parses command lines with node:util's `parseArgs`. */
import { parseArgs, type ParseArgsConfig } from 'node:util'

/** An option with a value, and an option without. */
export const TEXT = { type: 'string' } as const
export const FLAG = { type: 'boolean' } as const

/** The values of the options and the positional arguments; or a message, in one line, that says what is wrong. */
export function parseOptionsOf<const O extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error
    const [option] = /(?<=^Unknown option ')[^']+/.exec(error.message) ?? []
    return option ? `there is no option ${option}.` : error.message.replaceAll('\n', ' ')
  }
}
