/** `handshake check`: validates exercise files, and proves by play that their goals can be reached from both seats. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { readExercise } from '../exercises/load.ts'
import { findUnreachable } from '../exercises/prove-reachable.ts'
import type { Streams } from './streams.ts'

const USAGE = 'handshake check FILE.yaml…'

/** Checks files and returns the exit status: 0 if all are valid, 1 otherwise. Prints one line per problem: file, line, what to do. */
export function runCheck(files: readonly string[], { stdout, stderr }: Streams): 0 | 1 {
  if (files.includes('--help')) {
    stdout.write(`${USAGE}\n`)
    return 0
  }
  if (files.length === 0) {
    stderr.write(`handshake check: which file? Usage: ${USAGE}\n`)
    return 1
  }
  let failed = false
  for (const file of files) {
    const lines = findProblems(file)
    if (lines.length === 0) stdout.write(`${file}: good\n`)
    else stderr.write(`${lines.join('\n')}\n`)
    failed ||= lines.length > 0
  }
  return failed ? 1 : 0
}

function findProblems(file: string): readonly string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return [`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`]
  }
  const read = readExercise(basename(file), text)
  if ('problems' in read) return read.problems
  const unreachable = findUnreachable(read.exercise)
  return unreachable ? [read.locate(unreachable)] : []
}
