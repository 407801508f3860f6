import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../contract/events.ts'
import { FIELDS, MISCONCEPTIONS } from '../../protocol/tcp/findings.ts'
import { REASONS } from '../../protocol/world/action.ts'
import { LANGS, type Lang } from '../../protocol/world/exercise.ts'

const DIR = 'client/messages'
type Messages = { readonly [key: string]: string }
const read = (file: string) => JSON.parse(readFileSync(`${DIR}/${file}`, 'utf8')) as Messages
const findings: { readonly [L in Lang]: Messages } = { en: read('findings.en.json'), zh: read('findings.zh.json') }
const codes = Object.keys(findings.en).filter((key) => key !== '$schema')
const key = (code: string) => code.replaceAll('-', '_')

const expected = [
  ...MISCONCEPTIONS.flatMap((name) => [`finding_${key(name)}_said`, `finding_${key(name)}_why`]),
  ...FIELDS.flatMap((field) => [`finding_field_${field}_said`, `finding_field_${field}_why`]),
  'finding_remark_said',
  'finding_remark_why',
  ...['crossed', 'asked', 'idle'].map((outcome) => `outcome_${outcome}`),
  ...REASONS.map((reason) => `reason_${key(reason)}`),
  ...ERRORS.map((error) => `error_${key(error)}`),
]

describe('what the judge says', () => {
  test.each(LANGS)('every code has its sentences, and every sentence its code: %s', (lang) => {
    const { $schema: _, ...texts } = findings[lang]
    expect(Object.keys(texts).sort()).toEqual([...expected].sort())
    for (const text of Object.values(texts)) expect(text.trim()).not.toBe('')
  })

  test.each(codes)('%s takes the same parameters in both languages', (code) => {
    const parameters = (lang: Lang) => [...(findings[lang][code] ?? '').matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    expect(parameters('zh')).toEqual(parameters('en'))
    expect(code.endsWith('_said') ? [[], ['given']] : [[]]).toContainEqual(parameters('en'))
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

describe('every file of messages', () => {
  const areas = readdirSync(DIR).flatMap((file) => /^(.+)\.en\.json$/.exec(file)?.[1] ?? [])
  test.each(areas)('%s says the same things in every language', (area) => {
    expect(Object.keys(read(`${area}.zh.json`))).toEqual(Object.keys(read(`${area}.en.json`)))
  })
})
