/** `docs/protocol.md` agrees with the contract. `npx vitest run test/texts/protocol.test.ts -u` generates its tables again. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../contract/errors.ts'
import { CLIENT_EVENTS, SERVER_EVENTS } from '../../contract/events.ts'
import { withTables } from '../support/protocol-tables.ts'

const page = readFileSync('docs/protocol.md', 'utf8')
const documented = [...page.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1])

describe('docs/protocol.md', () => {
  test('has the routes and the events of the contract in its tables', async () => {
    await expect(withTables(page)).toMatchFileSnapshot('../../docs/protocol.md')
  })

  test('describes every event, and none that is not there', () => {
    expect(documented.sort()).toEqual([...Object.keys(CLIENT_EVENTS), ...Object.keys(SERVER_EVENTS)].sort())
  })

  test('names every error', () => {
    const errors = /\| error \| meaning \|\n(.*?)\n\n/s.exec(page)?.[1] ?? ''
    expect([...errors.matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1])).toEqual([...ERRORS])
  })
})
