import type { Readable, Writable } from 'node:stream'

/** What a command reads and writes: the process's own, or a test's. */
export interface Streams {
  readonly stdin: Readable
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
}
