/** HTTP/1.x messages (RFC 9112 2.1) as plain data. */

/** One header field line: its name as written, and its value without surrounding whitespace. */
export interface HeaderField {
  readonly name: string
  readonly value: string
}

interface HttpMessageFields {
  readonly version: HttpVersion
  readonly fields: readonly HeaderField[]
  readonly body: Uint8Array
}

export const HTTP_VERSIONS = ['HTTP/1.1', 'HTTP/1.0'] as const
export type HttpVersion = (typeof HTTP_VERSIONS)[number]

export interface HttpRequest extends HttpMessageFields {
  readonly kind: 'request'
  readonly method: string
  readonly target: string
}

export interface HttpResponse extends HttpMessageFields {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
}

export type HttpMessage = HttpRequest | HttpResponse

/** The values of all fields with this name, in order. `name` is in lower case; field names are case-insensitive (RFC 9110 5.1). */
export const fieldValues = (fields: readonly HeaderField[], name: string): readonly string[] =>
  fields.filter((field) => field.name.toLowerCase() === name).map(({ value }) => value)

/** The members of a list-valued field, in lower case. `name` is in lower case. */
export const listFieldMembers = (fields: readonly HeaderField[], name: string): readonly string[] =>
  fieldValues(fields, name).flatMap((value) =>
    value
      .split(',')
      .map((member) => member.trim().toLowerCase())
      .filter((member) => member !== ''),
  )

/** Whether the connection closes after this message (RFC 9112 9.3). */
export function closesAfter({ version, fields }: HttpMessage): boolean {
  const options = listFieldMembers(fields, 'connection')
  return options.includes('close') || (version === 'HTTP/1.0' && !options.includes('keep-alive'))
}

/** The messages without interim (1xx) responses, each of which is followed by a final response (RFC 9110 15.2). */
export const dropInterim = (messages: readonly HttpMessage[]): readonly HttpMessage[] =>
  messages.filter((message) => message.kind !== 'response' || message.status >= 200)
