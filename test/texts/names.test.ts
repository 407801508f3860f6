import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const PARTS = ['protocol', 'contract', 'crypto', 'exercises', 'server', 'cli', 'client/src']
const files = PARTS.flatMap((part) =>
  readdirSync(part, { recursive: true, encoding: 'utf8' })
    .map((name) => join(part, name))
    .filter((path) => /\.(ts|svelte)$/.test(path) && !/generated/.test(path)),
)
const sources = files.map((path) => {
  const text = readFileSync(path, 'utf8')
  const script = path.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, code]) => code).join('\n')
    : text
  return { path, root: ts.createSourceFile(path, script, ts.ScriptTarget.Latest, true) }
})

/** What `find` reports about the nodes of all sources. */
function collect(find: (node: ts.Node) => string | null): string[] {
  const found: string[] = []
  for (const { path, root } of sources) {
    const visit = (node: ts.Node): void => {
      const what = find(node)
      if (what !== null) found.push(`${path}: ${what}`)
      ts.forEachChild(node, visit)
    }
    visit(root)
  }
  return found
}

describe('functions', () => {
  /**
   * Third-person verbs. A function that acts is named by a verb in the imperative; only one that returns a boolean may be a
   * statement.
   */
  const STATEMENT =
    /^(answers|applies|arrives|asks|begins|builds|calls|checks|claims|closes|counts|draws|ends|finds|fires|fits|follows|forgets|gives|goes|has|hears|holds|is|judges|keeps|leaves|lodges|looks|makes|matches|moves|needs|offers|opens|passes|pays|plays|reaches|reads|returns|runs|says|sees|sends|settles|shows|starts|stops|takes|tells|tries|wants|writes)(?=[A-Z]|$)/

  const answersYesOrNo = ({ type }: ts.SignatureDeclaration): boolean =>
    type !== undefined && (type.kind === ts.SyntaxKind.BooleanKeyword || ts.isTypePredicateNode(type))

  test('that are exported are imperatives, or answer yes or no', () => {
    const found = collect((node) => {
      if (ts.isFunctionDeclaration(node) && node.name && ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export)
        return STATEMENT.test(node.name.text) && !answersYesOrNo(node) ? node.name.text : null
      if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || !node.initializer) return null
      if (!(ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) || !ts.isArrowFunction(node.initializer)) return null
      return STATEMENT.test(node.name.text) && !answersYesOrNo(node.initializer) ? node.name.text : null
    })
    expect(found).toEqual([])
  })
})

describe('unions', () => {
  /** Keys that are stored or that authors write. docs/glossary.md says why they stay. */
  const STORED = ['call', 'control', 'wire', 'say', 'why']
  /** The addresses of the pages have this key for the name of the page. */
  const ADDRESS = 'page'

  /** The names of properties whose types are string literals, for an object type; null for another type. */
  function literalKeys(node: ts.TypeNode): ReadonlySet<string> | null {
    if (ts.isParenthesizedTypeNode(node)) return literalKeys(node.type)
    if (ts.isIntersectionTypeNode(node)) {
      const known = node.types.map(literalKeys).filter((keys) => keys !== null)
      return known.length > 0 ? new Set(known.flatMap((keys) => [...keys])) : null
    }
    if (!ts.isTypeLiteralNode(node)) return null
    const keys = node.members.flatMap((member) => {
      if (!ts.isPropertySignature(member) || !member.type) return []
      const types = ts.isUnionTypeNode(member.type) ? member.type.types : [member.type]
      return types.every((type) => ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) ? [member.name.getText()] : []
    })
    return new Set(keys)
  }

  test('of objects are told apart by `kind`', () => {
    const found = collect((node) => {
      if (!ts.isUnionTypeNode(node)) return null
      const members = node.types.map(literalKeys)
      const [first] = members
      if (!first || members.includes(null)) return null
      const common = [...first].filter((key) => members.every((keys) => keys?.has(key)))
      return common.length === 0 || common.some((key) => ['kind', ...STORED, ADDRESS].includes(key)) ? null : common.join(', ')
    })
    expect(found).toEqual([])
  })
})

describe('constants', () => {
  test('of times say their unit', () => {
    const found = collect((node) => {
      if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name)) return null
      const { text } = node.name
      const time = /(^|_)(DELAY|GRACE|INTERVAL|LIFETIME|PATIENCE|PERIOD|TIMEOUT|TTL|WAIT|PAUSE)(_|$)/.test(text)
      const number = node.initializer !== undefined && /^[\d_ *]+$/.test(node.initializer.getText())
      return time && number && !/_(MS|S|SECONDS|DAYS)$/.test(text) ? text : null
    })
    expect(found).toEqual([])
  })
})

describe('files', () => {
  /** File names that occur twice in a part: the same thing for two layers or two seats, each beside what it belongs to. */
  const TWINS = ['rules.ts', 'lazy-components.ts']

  test('of one part have names of their own', () => {
    const seen = new Map<string, string>()
    const found: string[] = []
    for (const path of files) {
      const part = PARTS.find((each) => path.startsWith(`${each}/`)) as string
      const key = `${part}: ${basename(path)}`
      const other = seen.get(key)
      if (other !== undefined && !TWINS.includes(basename(path))) found.push(`${path} and ${dirname(other)}/`)
      seen.set(key, path)
    }
    expect(found).toEqual([])
  })
})
