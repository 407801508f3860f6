import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ExerciseError, loadExercises } from '../../exercises/load.ts'

const handshake = readFileSync('exercises/handshake.yaml', 'utf8')

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'exercises-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** The complaints about one file, one line each. */
function complaints(text: string, file = 'handshake.yaml'): string[] {
  writeFileSync(join(dir, file), text)
  try {
    loadExercises(dir)
  } catch (error) {
    if (error instanceof ExerciseError) return error.message.split('\n')
    throw error
  }
  return []
}

/** The handshake exercise with one piece of its text replaced, which must exist, and the line of that piece. */
function edited(from: string, to: string): { text: string; line: number } {
  const at = handshake.indexOf(from)
  expect(at, `handshake.yaml says ${from}`).toBeGreaterThan(0)
  return { text: handshake.replace(from, to), line: handshake.slice(0, at).split('\n').length }
}

describe('loadExercises', () => {
  test('gives each exercise by its id, and all in the order of teaching', () => {
    const exercises = loadExercises('exercises')
    const files = readdirSync('exercises').flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []))
    const ids = exercises.all().map((exercise) => exercise.id)
    expect(ids.toSorted()).toEqual(files.toSorted())
    expect(ids.indexOf('handshake')).toBeLessThan(ids.indexOf('close-client'))
    expect(exercises.get('data')!.scenes[0]?.lengths).toEqual({ m: { min: 20, max: 400 }, n: { min: 20, max: 400 } })
    expect(exercises.get('nothing')).toBeUndefined()
  })

  test('passes over what is not YAML', () => {
    writeFileSync(join(dir, 'handshake.yaml'), handshake)
    writeFileSync(join(dir, 'notes.txt'), 'not an exercise')
    mkdirSync(join(dir, 'images'))
    expect(loadExercises(dir).published()).toHaveLength(1)
  })

  test('an empty folder is an error that says what to do', () => {
    expect(() => loadExercises(dir)).toThrow(/holds no exercise: put at least one \.yaml file there/)
  })

  test('names the problems of every file at once', () => {
    writeFileSync(join(dir, 'data.yaml'), 'id: data')
    const lines = complaints('id: handshake')
    expect(lines.some((line) => line.startsWith('data.yaml:1: '))).toBe(true)
    expect(lines.some((line) => line.startsWith('handshake.yaml:1: '))).toBe(true)
  })
})

describe('a bad file is refused with its line and what to do', () => {
  test.each([
    ['a key twice', 'order: 10', 'id: twice', /Map keys must be unique/],
    ['an alias of nothing', 'order: 10', 'order: *one', /no anchor &one stands before this alias: add it/],
    ['a missing language', 'en: Three-way handshake', 'de: Handschlag', /title\.de does not belong here: remove it/],
    ['an empty text', 'zh: 三次握手', "zh: ''", /title\.zh is empty: fill it in/],
    ['a seat that does not exist', 'of: client', 'of: network', /names\.x\.of must be one of client, server/],
    ['a state that does not exist', 'been: LISTEN }', 'been: LISTENING }', /when\.been must be one of LISTEN, SYN-SENT/],
    [
      'a call without its mode',
      'call: OPEN, mode: passive',
      'call: OPEN',
      /application\.server\[0\]\.call must be \{ call: OPEN, mode:/,
    ],
    ['a deed of two kinds', '{ sends: SYN }', '{ sends: SYN, says: CLOSED }', /deed must be one of \{ calls: OPEN, SEND/],
    [
      'a length that is not drawn',
      'call: OPEN, mode: active',
      'call: SEND, octets: m',
      /no length is called m: add it under lengths/,
    ],
    [
      'a length from more to less',
      '    opening:\n',
      '    lengths: { m: { min: 9, max: 3 } }\n    opening:\n',
      /min 9 is greater than max 3: swap them/,
    ],
    [
      'a length of no octet',
      '    opening:\n',
      '    lengths: { m: { min: 0, max: 3 } }\n    opening:\n',
      /lengths\.m\.min must be >= 1/,
    ],
    [
      'a next number before the connection',
      'is: iss',
      'is: next',
      /the client does not open ESTABLISHED and has no next number yet: use iss/,
    ],
    [
      'a distance from no earlier number',
      'of: client, is: iss',
      'of: client, is: iss, before: 9',
      /names\.x\.before belongs to a name that is: earlier: remove it/,
    ],
    ['a seat whose numbers have no name', 'of: client', 'of: server', /textbook notation needs a name for the client's numbers/],
    ['a milestone twice', 'id: acknowledges', 'id: asks', /the client already has a milestone asks: choose another id/],
    ['a condition that says nothing', '{ received: SYN }', '{}', /opens is empty: fill it in/],
    ['an id other than the file', 'id: handshake', 'id: hello', /rename the file to hello\.yaml, or change the id/],
    ['an unknown key', 'order: 10', 'order: 10\ncolour: red', /colour does not belong here/],
  ])('%s', (_, from, to, complaint) => {
    const { text, line } = edited(from, to)
    const found = complaints(text).find((each) => complaint.test(each))
    expect(found).toBeDefined()
    const reported = Number(/^handshake\.yaml:(\d+): /.exec(found ?? '')?.[1])
    // A problem of a whole block is reported at the first line of the block.
    expect(reported).toBeLessThanOrEqual(line + 1)
    expect(reported).toBeGreaterThanOrEqual(line - 1)
  })

  test('a text that lacks Chinese', () => {
    const { text } = edited('  zh: 三次握手\n', '')
    expect(complaints(text)).toEqual(['handshake.yaml:6: title.zh is missing: add the Chinese text'])
  })

  test('a file that is not a mapping', () => {
    expect(complaints('')).toEqual(['handshake.yaml:1: the file must be of type object'])
  })

  test('a union that fails says so once, without its branches', () => {
    const { text } = edited('{ sends: SYN }', '{ sends: URG }')
    expect(complaints(text)).toHaveLength(1)
  })
})
