/** An entry is read back unchanged from its stored form, whichever version has written it; and the stored form is short. */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { LEVELS } from '../../protocol/round/model/exercise.ts'
import { readRow } from '../../server/rounds/log-postgres.ts'
import { packEntry, unpackEntry } from '../../server/rounds/packed-entry.ts'
import { recordRound } from '../load/exchange.ts'
import { storedDatabase } from '../stored/database.ts'
import { readLog, type TestDatabase } from '../support/database.ts'
import { exercises } from '../support/exercises.ts'
import { query } from '../support/postgres.ts'
import { numbers } from '../support/random.ts'
import { playAtRandom } from '../support/random-legal-play.ts'
import { runs, SEED } from '../support/volume.ts'

/** The largest size of an ordinary row in PostgreSQL, in octets, including its header, the key of 22 letters and the index. */
const MAX_ROW_BYTES = 600

/** Through JSON, which leaves out undefined values. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
const comesBack = (entry: Entry) => isDeepStrictEqual(unpackEntry(entry.roundId, entry.index, packEntry(entry)), asJson(entry))
/** The first entry that is not read back unchanged. */
const damaged = (entries: readonly Entry[]) => entries.find((entry) => !comesBack(entry))

let database: TestDatabase
let stored: readonly Entry[]
beforeAll(async () => {
  database = await storedDatabase()
  stored = await readLog(database.url)
})
afterAll(() => database.stop())

describe('a packed entry', () => {
  it('comes back as it was: every entry of the stored rounds, with every kind of act, answer and effect', () => {
    expect(stored.length).toBeGreaterThan(1_900)
    expect(damaged(stored)).toBeUndefined()
  })

  it(`comes back as it was: random rounds of every exercise (SEED=${SEED})`, () => {
    for (const [i, exercise] of exercises.published().entries()) {
      const random = numbers(SEED + i)
      const script = instantiateExercise(exercise, LEVELS[i % LEVELS.length]!, random)
      expect(damaged(playAtRandom(script, random).entries), exercise.id).toBeUndefined()
    }
  })

  it('comes back as it was where a version to come stores more, less, or other words', () => {
    const entry = fc.nat(stored.length - 1).map((i) => stored[i]!)
    const change = fc.record({ at: fc.nat(), how: fc.constantFrom('more', 'less', 'other word'), text: fc.string() })
    fc.assert(
      fc.property(entry, fc.array(change, { minLength: 1, maxLength: 4 }), (original, changes) => {
        const changed = structuredClone(original)
        for (const each of changes) alter(changed, each)
        expect(damaged([changed])).toBeUndefined()
      }),
      runs('changedEntries'),
    )
  })

  it('keeps text that PostgreSQL refuses: U+0000 and half a surrogate pair', () => {
    const [entry] = stored
    const odd = { ...entry!, actionId: 'a\u0000b\ud800', verdict: { ...entry!.verdict, note: '\u0000\udfff' } }
    expect(comesBack(odd)).toBe(true)
    expect(packEntry(odd)).not.toMatch(/[\u0000-\u001f\ud800-\udfff]/) // eslint-disable-line no-control-regex
  })

  it(`has at most ${MAX_ROW_BYTES} octets for an ordinary act, a segment with data and ACK`, async () => {
    const id = 'AAAAAAAAAAAAAAAAAAAAAA'
    const acts = (await recordRound()).map(({ entry }, index) => ({ ...entry, roundId: id, index, actionId: id }))
    const values = acts.map((act) => `('${act.roundId}', ${act.index}, '${packEntry(act)}')`)
    await query(database.url, `INSERT INTO "Entry" ("roundId", "index", "packed") VALUES ${values.join()}`)
    const rows = await query<{ bytes: number }>(
      database.url,
      `SELECT pg_column_size("Entry".*) AS bytes FROM "Entry" WHERE "roundId" = '${id}'`,
    )
    expect(rows).toHaveLength(acts.length)
    expect(Math.max(...rows.map(({ bytes }) => bytes))).toBeLessThanOrEqual(MAX_ROW_BYTES)
  })

  it('that a newer version has written is not misread', () => {
    expect(() => unpackEntry('round', 7, '[2,[]]')).toThrow(
      'entry 7 of round round has the form 2, which a newer version has written',
    )
  })
})

describe('rows that are there', () => {
  it('are read as they are: packed in form 1, by the version that had it first', () => {
    const lines = gunzipSync(readFileSync(new URL('../stored/packed-1.txt.gz', import.meta.url)))
      .toString()
      .trimEnd()
      .split('\n')
    const byKey = new Map(stored.map((entry) => [`${entry.roundId} ${entry.index}`, entry]))
    expect(lines.length).toBeGreaterThan(50)
    for (const line of lines) {
      const [roundId = '', index = '', packed = ''] = line.split('\t')
      expect(unpackEntry(roundId, Number(index), packed)).toEqual(byKey.get(`${roundId} ${index}`))
    }
  })

  it('are read as they are: in columns, with the names of today', async () => {
    const [first] = stored
    const entries = stored.filter(({ roundId }) => roundId === first!.roundId).map((entry) => ({ ...entry, roundId: 'columns' }))
    const columns = entries.map((entry) => ({ exercise: 'handshake@1', ...entry }))
    await database.pool.query(
      `INSERT INTO "Entry" ("roundId", "index", "actionId", "actor", "action", "seen", "verdict", "effects", "engine", "exercise", "at")
       SELECT * FROM json_to_recordset($1::json) AS row(
         "roundId" text, "index" int, "actionId" text, "actor" text, "action" json, "seen" int, "verdict" json, "effects" json,
         "engine" text, "exercise" text, "at" timestamptz)`,
      [JSON.stringify(columns)],
    )
    const rows = await database.prisma.entry.findMany({ where: { roundId: 'columns' }, orderBy: { index: 'asc' } })
    expect(rows.map(readRow)).toEqual(entries)
  })
})

interface Change {
  readonly at: number
  readonly how: 'more' | 'less' | 'other word'
  readonly text: string
}

/** Changes one place in a JSON tree: a field is added to an object or removed, or a string is replaced. */
function alter(entry: Entry, { at, how, text }: Change): void {
  const places: (() => void)[] = []
  const walk = (value: unknown) => {
    if (typeof value !== 'object' || !value) return
    const object = value as { [key: string]: unknown }
    if (!Array.isArray(value) && how === 'more')
      places.push(() => void (object[`new ${text}`] = { text, seq: at, parts: [at, null] }))
    for (const [name, each] of Object.entries(object)) {
      if (!Array.isArray(value) && how === 'less') places.push(() => void delete object[name])
      if (typeof each === 'string' && how === 'other word') places.push(() => void (object[name] = text))
      walk(each)
    }
  }
  const { roundId: _, index: __, ...inside } = entry
  walk(inside)
  // The top level is not among the places to change, because its members are shared with `inside`.
  places[at % Math.max(1, places.length)]?.()
}
