/** `handshake check`: is this exercise well formed, complete in both languages, and can its goal be reached from both seats? */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { readExercise } from '../exercises/load.ts'
import { findUnreachable } from '../exercises/prove-reachable.ts'
import type { Streams } from './streams.ts'

const USAGE = 'handshake check FILE.yaml…'

/** Exit status: 0 all are, 1 one is not or cannot be read. A line for each problem: file, line, and what to do. */
export function runCheck(files: readonly string[], { stdout, stderr }: Streams): 0 | 1 {
  if (files.includes('--help')) {
    stdout.write(`${USAGE}\n`)
    return 0
  }
  if (files.length === 0) {
    stderr.write(`handshake check: which file? Usage: ${USAGE}\n`)
    return 1
  }
  let bad = false
  for (const file of files) {
    const lines = findProblems(file)
    if (lines.length === 0) stdout.write(`${file}: good\n`)
    else stderr.write(`${lines.join('\n')}\n`)
    bad ||= lines.length > 0
  }
  return bad ? 1 : 0
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
  const stuck = findUnreachable(read.exercise)
  return stuck ? [read.locate(stuck)] : []
}
