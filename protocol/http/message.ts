/** HTTP/1.1 messages (RFC 9112 2.1) as plain data. */

export interface Field {
  readonly name: string
  readonly value: string
}

interface Common {
  readonly version: Version
  readonly fields: readonly Field[]
  readonly body: Uint8Array
}

export const VERSIONS = ['HTTP/1.1', 'HTTP/1.0'] as const
export type Version = (typeof VERSIONS)[number]

export interface Request extends Common {
  readonly is: 'request'
  readonly method: string
  readonly target: string
}

export interface Response extends Common {
  readonly is: 'response'
  readonly status: number
  readonly reason: string
}

export type Message = Request | Response

/** The values of a field, in order; names are the same in either case (RFC 9110 5.1). */
export const valuesOf = (fields: readonly Field[], name: string): readonly string[] =>
  fields.filter((field) => field.name.toLowerCase() === name).map(({ value }) => value)

/** The members of a field whose value is a list, in small letters. */
export const membersOf = (fields: readonly Field[], name: string): readonly string[] =>
  valuesOf(fields, name).flatMap((value) =>
    value
      .split(',')
      .map((member) => member.trim().toLowerCase())
      .filter((member) => member !== ''),
  )

/** Nothing follows this message on the connection in its direction (RFC 9112 9.3). */
export function isLast({ version, fields }: Message): boolean {
  const options = membersOf(fields, 'connection')
  return options.includes('close') || (version === 'HTTP/1.0' && !options.includes('keep-alive'))
}

/** Without the interim responses, after which the final one is still to come (RFC 9110 15.2). */
export const finals = (messages: readonly Message[]): readonly Message[] =>
  messages.filter((message) => message.is !== 'response' || message.status >= 200)
