/** Command lines, as node:util's `parseArgs` reads them. */
import { parseArgs, type ParseArgsConfig } from 'node:util'

/** An option with a value, and one without. */
export const TEXT = { type: 'string' } as const
export const FLAG = { type: 'boolean' } as const

/** The values of these options, and the other arguments; or, in one line, what is wrong with the command. */
export function parseOptionsOf<const O extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error
    const [option] = /(?<=^Unknown option ')[^']+/.exec(error.message) ?? []
    return option ? `there is no option ${option}.` : error.message.replaceAll('\n', ' ')
  }
}
