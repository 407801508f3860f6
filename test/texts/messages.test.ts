import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { listFaults } from '../../scripts/lib/messages.mjs'
import { nameMistake } from '../../client/src/lib/mistake-names.ts'
import { switchLang } from '../../client/src/texts/texts.svelte.ts'
import { ERRORS } from '../../contract/errors.ts'
import { FINDING_FIELDS, MISCONCEPTIONS, mistakeOf, type Mistake } from '../../protocol/findings.ts'
import { ALERT } from '../../protocol/tls/format/messages.ts'
import { REASONS } from '../../protocol/round/model/verdict.ts'
import { LANGS, type Lang } from '../../protocol/round/model/exercise.ts'

type Messages = { readonly [key: string]: string }
const read = (lang: Lang): Messages =>
  Object.assign(
    {},
    ...['findings', 'refusals'].map((area) => JSON.parse(readFileSync(`client/messages/${area}.${lang}.json`, 'utf8')) as Messages),
  )
const findings: { readonly [L in Lang]: Messages } = { en: read('en'), zh: read('zh') }
const codes = Object.keys(findings.en)
const key = (code: string) => code.replaceAll('-', '_')

const expected = [
  ...MISCONCEPTIONS.flatMap((name) => [`finding_${key(name)}_said`, `finding_${key(name)}_why`]),
  ...FINDING_FIELDS.flatMap((field) => [`finding_field_${field}_said`, `finding_field_${field}_why`]),
  ...Object.keys(ALERT).map((name) => `finding_alert_${name}_said`),
  'finding_alert_why',
  'finding_remark_said',
  'finding_remark_why',
  ...['crossed', 'asked', 'idle'].map((outcome) => `outcome_${outcome}`),
  ...REASONS.map((reason) => `reason_${key(reason)}`),
  ...ERRORS.map((error) => `error_${key(error)}`),
]

describe('what the judge says', () => {
  test.each(LANGS)('every code has its sentences, and every sentence its code: %s', (lang) => {
    expect(Object.keys(findings[lang]).sort()).toEqual([...expected].sort())
    for (const text of Object.values(findings[lang])) expect(text.trim()).not.toBe('')
  })

  test.each(codes)('%s takes no parameter but what was given', (code) => {
    const parameters = [...(findings.en[code] ?? '').matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    expect(code.endsWith('_said') ? [[], ['given']] : [[]]).toContainEqual(parameters)
  })

  test.each(codes.filter((code) => code.endsWith('_said')))('%s is one sentence', (code) => {
    expect(findings.en[code]).toMatch(/^[^.!?]+\.$/)
    expect(findings.zh[code]).toMatch(/^[^。！？]+。$/)
  })

  test.each(codes.filter((code) => code.endsWith('_why')))('%s is one to three sentences', (code) => {
    expect((findings.en[code] ?? '').split(/[.?](?: |$)/).length - 1).toBeLessThanOrEqual(3)
    expect((findings.zh[code] ?? '').split(/[。？]/).length - 1).toBeLessThanOrEqual(3)
  })
})

describe('the short names of mistakes', () => {
  const mistakes: readonly Mistake[] = [...MISCONCEPTIONS, ...FINDING_FIELDS]
  test.each(LANGS)('are one for each, all different, and fit into a chip: %s', async (lang) => {
    await switchLang(lang)
    const names = mistakes.map(nameMistake)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => name.length > 26)).toEqual([])
  })

  test('a refusal counts as its misconception, and without one as its field', () => {
    expect(mistakeOf({ field: 'ack', misconception: 'syn-consumes-one' })).toBe('syn-consumes-one')
    expect(mistakeOf({ field: 'ack', misconception: null })).toBe('ack')
  })
})

describe('the messages of the pages', () => {
  test.each([
    ['missing in one language', { en: { a: 'A', b: 'B' }, zh: { a: '甲' } }, 'x.zh.json: b is missing'],
    ['in one language only', { en: { a: 'A' }, zh: { a: '甲', b: '乙' } }, 'x.zh.json: b is in this language only'],
    ['empty', { en: { a: ' ' }, zh: { a: '甲' } }, 'x.en.json: a is empty'],
    ['empty in the other language', { en: { a: 'A' }, zh: { a: '' } }, 'x.zh.json: a is empty'],
    ['without a parameter', { en: { a: '{n} of {m}' }, zh: { a: '{m}' } }, 'x.zh.json: a has the parameters {m} instead of {m, n}'],
    ['with a name that no function can have', { en: { 'a-b': 'A' }, zh: { 'a-b': '甲' } }, 'x.en.json: a-b is no name'],
    ['in two areas', { en: { other: 'A' }, zh: { other: '甲' } }, 'x.en.json: other stands in client/messages/o.en.json too'],
  ])('a text that is %s is a fault', (_, { en, zh }, fault) => {
    const good = { 'o.en.json': { other: '{n} and {m}' }, 'o.zh.json': { other: '{m} 和 {n}' } }
    expect(listFaults(good)).toEqual([])
    expect(listFaults({ ...good, 'x.en.json': en, 'x.zh.json': zh })).toEqual([expect.stringContaining(fault)])
  })

  test('are all in use', () => {
    const used = new Set(
      readdirSync('client/src', { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|svelte)$/.test(name))
        .flatMap((name) => [...readFileSync(`client/src/${name}`, 'utf8').matchAll(/\bm\.(\w+)/g)].map(([, key]) => key)),
    )
    const keys = readdirSync('client/messages').flatMap((name) =>
      Object.keys(JSON.parse(readFileSync(`client/messages/${name}`, 'utf8')) as Messages),
    )
    expect(keys.filter((key) => !used.has(key))).toEqual([])
  })
})
