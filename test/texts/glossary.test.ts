import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { TERM_GROUPS } from '../../client/src/glossary/terms.ts'
import { loadExercises } from '../../exercises/load.ts'
import { STATES } from '../../protocol/tcp/states.ts'

/** `never`: words that others use for the same thing and that must not occur, separated by semicolons. */
interface Term {
  readonly en: string
  readonly zh: string
  readonly never: string
}
const glossary = parse<Term>(readFileSync('docs/glossary.csv', 'utf8'), { columns: true })

/** Every Chinese text and where it occurs. */
const texts: [place: string, text: string][] = [
  ...readdirSync('client/messages')
    .filter((file) => file.endsWith('.zh.json'))
    .flatMap((file) =>
      strings(JSON.parse(readFileSync(`client/messages/${file}`, 'utf8'))).map(
        ([path, text]) => [`${file} ${path}`, text] as [string, string],
      ),
    ),
  ...strings(TERM_GROUPS)
    .filter(([path]) => path.endsWith('.zh'))
    .map(([path, text]) => [`glossary ${path}`, text] as [string, string]),
  ...loadExercises('exercises')
    .all()
    .flatMap((exercise) =>
      strings(exercise)
        .filter(([path]) => path.endsWith('.zh'))
        .map(([path, text]) => [`${exercise.id}.yaml ${path}`, text] as [string, string]),
    ),
  ...readdirSync('docs/zh').flatMap((file) =>
    readFileSync(`docs/zh/${file}`, 'utf8')
      .replace(/^```.*?^```/gms, '')
      .replace(/`[^`\n]+`/g, '``')
      .split('\n')
      .map((line, at) => [`docs/zh/${file}:${at + 1}`, line] as [string, string]),
  ),
]

/** The strings in a value, each with its path. */
function strings(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value)
    .filter(([key]) => key !== '$schema')
    .flatMap(([key, inner]) => strings(inner, path ? `${path}.${key}` : key))
}

const breaking = (rule: RegExp) => texts.filter(([, text]) => rule.test(text)).map(([place, text]) => `${place}: ${text}`)

describe('Chinese texts', () => {
  test.each(glossary.filter((term) => term.never !== '').map((term) => [term.en, term.zh, term.never] as const))(
    '%s is %s, never %s',
    (_, __, never) => {
      expect(breaking(new RegExp(never.split(';').join('|')))).toEqual([])
    },
  )

  test('labels read 序号 seq and 确认号 ack', () => {
    expect(breaking(/(?<!序号 )\bseq\b(?!=)/)).toEqual([])
    expect(breaking(/(?<!确认号 )\back\b(?!=)/)).toEqual([])
  })

  test('a control bit reads ACK 位', () => {
    expect(breaking(/(SYN|ACK|FIN|RST|PSH|URG)(位| 标志|标志| 比特)/)).toEqual([])
  })

  test('states are written as in the RFC', () => {
    const known = new Set<string>(STATES)
    const written =
      /\b(?:LISTEN\w*|SYN[-_ ](?:SENT|R\w+)|ESTAB\w*|FIN[-_ ]?WAIT[-_ ]?\d?|CLOSE[-_ ]?WAIT|CLOS(?:ED|ING)|LAST[-_ ]?ACK|TIME[-_ ]?WAIT)\b/g
    const wrong = texts.flatMap(([place, text]) =>
      [...text.matchAll(written)].filter(([state]) => !known.has(state)).map(([state]) => `${place}: ${state}`),
    )
    expect(wrong).toEqual([])
  })

  test('a space stands between Chinese and Latin letters or digits', () => {
    expect(breaking(/[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/)).toEqual([])
  })

  test('punctuation is full-width after a Chinese character', () => {
    expect(breaking(/[\u4e00-\u9fff][,.;:?!()]/)).toEqual([])
  })
})
