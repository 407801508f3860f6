import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../contract/errors.ts'
import { FINDING_FIELDS, MISCONCEPTIONS } from '../../protocol/findings.ts'
import { REASONS } from '../../protocol/round/model/verdict.ts'
import { LANGS, type Lang } from '../../protocol/round/model/exercise.ts'

type Messages = { readonly [key: string]: string }
const read = (lang: Lang) => JSON.parse(readFileSync(`client/messages/findings.${lang}.json`, 'utf8')) as Messages
const findings: { readonly [L in Lang]: Messages } = { en: read('en'), zh: read('zh') }
const codes = Object.keys(findings.en).filter((key) => key !== '$schema')
const key = (code: string) => code.replaceAll('-', '_')

const expected = [
  ...MISCONCEPTIONS.flatMap((name) => [`finding_${key(name)}_said`, `finding_${key(name)}_why`]),
  ...FINDING_FIELDS.flatMap((field) => [`finding_field_${field}_said`, `finding_field_${field}_why`]),
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
