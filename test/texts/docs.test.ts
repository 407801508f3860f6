import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const PAGES = [
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
].filter((path) => path.endsWith('.md'))
const PARTS = 'protocol crypto contract exercises server cli client prisma scripts test docs .github .ci'.split(' ')

/** All files of the project: those in its root, and those in the folders of its parts. */
const files = [
  ...readdirSync('.').filter((name) => statSync(name).isFile()),
  ...PARTS,
  ...PARTS.flatMap((part) =>
    readdirSync(part, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/generated/.test(name))
      .map((name) => join(part, name)),
  ),
]

const textOf = (path: string): string =>
  statSync(path).isFile()
    ? readFileSync(path, 'utf8')
    : readdirSync(path)
        .map((name) => textOf(join(path, name)))
        .join('\n')

const quoted = (page: string): string[] =>
  [...page.replace(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, text]) => text as string)

/**
 * Whether a path exists. `a/*.ts` and `{a,b}.ts` match if at least one file does. The first folders of a path may be left out.
 */
function isThere(path: string): boolean {
  const pattern = path
    .replace(/^(\.\.?\/)+/, '')
    .replace(/\/$/, '')
    .replace(/[.+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{([\w,-]+)\}/g, (_, names: string) => `(${names.replaceAll(',', '|')})`)
    .replaceAll('*', '[^/]*')
  const whole = new RegExp(`(^|/)${pattern}$`)
  return files.some((file) => whole.test(file))
}

describe.each(PAGES)('%s', (path) => {
  const page = readFileSync(path, 'utf8')

  test('names files that are there', () => {
    const named = quoted(page).filter(
      (text) => /^[\w.{},*/-]+\.(ts|mjs|cjs|md|json|csv|svelte|prisma|txt|yaml)$/.test(text) || /^[a-z][\w/-]*\/$/.test(text),
    )
    expect(named.filter((name) => !isThere(name))).toEqual([])
  })

  test('says bytes, as docs/glossary.csv does, where it does not quote', () => {
    const prose = page.replace(/^```.*?^```/gms, '').replace(/`[^`\n]+`/g, '')
    expect([...prose.matchAll(/.*\boctets?\b.*/gi)].map(([sentence]) => sentence)).toEqual([])
  })

  test('links to pages that are there', () => {
    const links = [...page.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link as string)
    expect(links.filter((link) => !existsSync(join(path, '..', link)))).toEqual([])
  })

  test('names functions and types that are where it says', () => {
    const places = [...page.matchAll(/`([A-Za-z]\w*)(?:\([^`]*\))?` (?:in|of) `([\w./-]+(?:\.(?:ts|prisma)|\/))`/g)]
    const missing = places.filter(([, name, file]) => {
      const [found] = files.filter((each) => each === file?.replace(/\/$/, '') || each.endsWith(`/${file}`))
      const whole = found ?? (file && existsSync(file) ? file : undefined)
      return whole === undefined || !new RegExp(`\\b${name}\\b`).test(textOf(whole))
    })
    expect(missing.map(([text]) => text)).toEqual([])
  })

  test('calls functions that are there', () => {
    const called = quoted(page).flatMap((text) => /^([a-z]\w*)\((tcb|world|endpoint|connection|round|entry)/.exec(text)?.[1] ?? [])
    const sources = called.length === 0 ? '' : textOf('protocol')
    expect(called.filter((name) => !new RegExp(`\\b(function\\*? |const )${name}\\b`).test(sources))).toEqual([])
  })
})

/** What a document is made of, in order, but for its words: headings with their depth, rows of tables with their cells, items, blocks of code. */
const outlineOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^```[^]*?^```|^#+ |^\|.*\|$|^- |^\d+\. /gm)].map(([part]) =>
    part.startsWith('|') ? `row of ${part.split('|').length - 2}` : part,
  )

describe.each(readdirSync('docs/zh'))('docs/zh/%s', (name) => {
  test('has the headings, tables, lists and code of the English document', () => {
    expect(outlineOf(`docs/zh/${name}`)).toEqual(outlineOf(`docs/${name}`))
  })

  test('and the English document are linked with each other', () => {
    expect(readFileSync(`docs/${name}`, 'utf8')).toContain(`(zh/${name})`)
    expect(readFileSync(`docs/zh/${name}`, 'utf8')).toContain(`(../${name})`)
  })
})
