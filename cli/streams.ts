import type { Readable, Writable } from 'node:stream'

/** The standard streams and environment of a command; tests pass their own. */
export interface Streams {
  readonly stdin: Readable
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
}
