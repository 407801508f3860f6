/**
 * Every string that clients send: what PostgreSQL cannot store, what is too long, and what is invisible is malformed, in every
 * route and event.
 */
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_EVENTS } from '../../contract/events.ts'
import { ROUTES } from '../../contract/routes/all-routes.ts'
import type { RouteDeclaration } from '../../contract/routes/declare-routes.ts'
import { typedText, visibleText } from '../../contract/schema-parts.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

/** Every schema inside a schema that accepts free text, with its path. */
function* textsIn(schema: unknown, path: string): Generator<[path: string, schema: TSchema]> {
  if (typeof schema !== 'object' || schema === null) return
  if ('type' in schema && schema.type === 'string' && !('const' in schema) && !('enum' in schema)) yield [path, schema]
  for (const [key, inner] of Object.entries(schema)) yield* textsIn(inner, `${path}.${key}`)
}

const TEXTS = [
  ...Object.entries<RouteDeclaration>(ROUTES).flatMap(([key, { params, body }]) => [
    ...textsIn(params, `${key} params`),
    ...textsIn(body, `${key} body`),
  ]),
  ...Object.entries(CLIENT_EVENTS).flatMap(([name, { payload }]) => [...textsIn(payload, name)]),
]

describe('the schemas of all routes and events', () => {
  test('there are texts in them', () => expect(TEXTS.length).toBeGreaterThan(25))

  test.each(TEXTS)('%s takes no U+0000, no half of a surrogate pair, and nothing without end', (_, schema) => {
    const validator = Compile(schema)
    // Some take digits and no letters, some e-mail addresses only.
    const fits = [...Array(200).keys()]
      .flatMap((n) => ['a'.repeat(n), '0'.repeat(n), `${'a'.repeat(n)}@a.aa`])
      .find((text) => validator.Check(text))
    if (fits === undefined) return expect.unreachable('takes no text')
    for (const bad of ['\u0000', '\uD800', '\uDFFF', '\uDC00\uD800'])
      for (const text of [bad, bad + fits.slice(1), fits.slice(1) + bad])
        expect(validator.Check(text), JSON.stringify(text)).toBe(false)
    // The longest is a file, in base64.
    expect(validator.Check('a'.repeat(1_000_000))).toBe(false)
    expect(validator.Check(`${fits}${'\u0301'.repeat(100_001)}`)).toBe(false)
  })
})

test('a limit counts characters, not what is drawn and not halves of surrogates', () => {
  const validator = Compile(typedText(1, 2))
  for (const text of ['a', 'ab', '😀😀', 'a\u0301']) expect(validator.Check(text)).toBe(true)
  for (const text of ['', 'abc', '😀😀😀', 'a\u0301\u0301']) expect(validator.Check(text)).toBe(false)
})

test('a visible text has something in it that can be seen', () => {
  const validator = Compile(visibleText(5))
  for (const text of ['a', ' a\u200B', '👩\u200D🚀', '王']) expect(validator.Check(text)).toBe(true)
  for (const text of [' ', '\u200B', '\u3164', '\u2800', '\uFE0F', '\u{E0041}', '\u00AD\n'])
    expect(validator.Check(text)).toBe(false)
})

describe('over HTTP', () => {
  let at: TestApp
  let teacher: Browser
  beforeAll(async () => {
    at = await testApp()
    teacher = await at.teacher()
  })
  afterAll(() => at.stop())

  const session = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false }
  test.each(['a\u0000', '\uD800', ' \u200B', 'x'.repeat(200), '\u3164'])('%j is no name and no title', async (text) => {
    for (const answer of [
      await at.browser().post('/api/join', { code: 'ABCDEF', name: text }),
      await teacher.post('/api/sessions', { ...session, title: text }),
    ]) {
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ ok: false, error: 'malformed' })
    }
  })

  test.each(['%00', '%00%00%00%00', 'AB%00DEF'])('nor is %s part of an address', async (text) => {
    for (const url of [`/api/codes/${text}`, `/api/replays/${text}`]) expect((await at.browser().get(url)).statusCode).toBe(400)
    for (const url of [`/api/sessions/${text}`, `/api/exercises/${text}`, `/api/rounds/${text}/replay`])
      expect((await teacher.get(url)).statusCode).toBeLessThan(500)
  })

  test('an exercise that holds U+0000 or half of a surrogate pair is malformed, raw or as an escape of JSON', async () => {
    for (const source of ['id: lab\u0000', 'id: lab\uD800']) {
      const answer = await teacher.post('/api/exercises', { source })
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ error: 'malformed' })
    }
    const raw = { payload: '{"source":"id: lab\u0000"}', headers: { 'content-type': 'application/json' } }
    expect((await teacher.ask('POST', '/api/exercises', raw)).statusCode).toBe(400)
  })
})
