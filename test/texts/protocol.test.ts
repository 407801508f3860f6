import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../contract/events.ts'
import { Payloads } from '../../contract/schemas.ts'

const events = readFileSync('contract/events.ts', 'utf8')
const page = readFileSync('docs/protocol.md', 'utf8')

/** The names of an interface's members. */
const members = (name: string): string[] => {
  const body = new RegExp(`export interface ${name} \\{\\n(.*?)\\n\\}`, 's').exec(events)?.[1] ?? ''
  return [...body.matchAll(/^ {2}(\w+): \(/gm)].map((match) => match[1] as string)
}
const documented = [...page.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1])

describe('docs/protocol.md', () => {
  test('describes every event, and none that is not there', () => {
    expect(documented.sort()).toEqual([...members('ClientToServer'), ...members('ServerToClient')].sort())
  })

  test('names every error', () => {
    expect([...page.matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1])).toEqual([...ERRORS])
  })
})

test('every event from a page has a schema', () => {
  expect(Object.keys(Payloads).sort()).toEqual(members('ClientToServer').sort())
})
