import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readExercise } from '../../exercises/load.ts'
import { findUnreachable } from '../../exercises/prove-reachable.ts'

const page = readFileSync('docs/authors.md', 'utf8')
const example = [...page.matchAll(/```yaml example\n([^]*?)```/g)].map(([, yaml]) => yaml).join('')

test('the example that docs/authors.md builds up passes `handshake check`', () => {
  const read = readExercise('lost-letter.yaml', example)
  expect('problems' in read ? read.problems : []).toEqual([])
  if ('problems' in read) return
  const stuck = findUnreachable(read.exercise)
  expect(stuck && read.locate(stuck)).toBeNull()
})
