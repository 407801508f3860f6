/** The product with a fault: a copy of some source files, changed in one place for each fault. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { createClassroom } from '../../server/lessons/classroom.ts'

/** The files that can have a fault, and the files that import them, up to the classroom. */
const FILES = ['server/rounds/live-round.ts', 'server/rounds/rounds.ts', 'server/lessons/classroom.ts'] as const

/** A fault: a place in a file and its replacement. */
export interface Fault {
  readonly file: (typeof FILES)[number]
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** Copies the files into a folder outside the project and plants the faults. Throws unless each fault has exactly one place. */
export async function plant(faults: readonly Fault[]): Promise<typeof createClassroom> {
  const folder = mkdtempSync(join(tmpdir(), 'handshake-fault-'))
  for (const copied of FILES) {
    let source = readFileSync(copied, 'utf8')
    for (const { find, replace } of faults.filter(({ file }) => file === copied)) {
      const places = source.split(find).length - 1
      if (places !== 1) throw new Error(`${copied}: this stands there ${places} times: ${find}`)
      source = source.replace(find, () => replace)
    }
    // Imports of files that have not been copied lead to the product's own.
    const linked = source.replaceAll(/ from '(\.[^']+)'/g, (_, path: string) => {
      const absolute = resolve(dirname(copied), path)
      const isCopied = FILES.some((other) => resolve(other) === absolute)
      return ` from '${isCopied ? path : absolute}'`
    })
    mkdirSync(join(folder, dirname(copied)), { recursive: true })
    writeFileSync(join(folder, copied), linked)
  }
  const planted = (await import(join(folder, 'server/lessons/classroom.ts'))) as { createClassroom: typeof createClassroom }
  return planted.createClassroom
}
