import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const CONFIG = join(process.cwd(), '.dependency-cruiser.cjs')
const { forbidden } = createRequire(import.meta.url)(CONFIG) as { forbidden: { name: string }[] }

/** The layers of a folder, from the lowest upwards, as the names of the rules list them: `server: http, live above base, …`. */
const floorsOf = (root: string): string[][] =>
  forbidden.flatMap(({ name }) => {
    const [, of, parts] = /^([^:]+): (.+) above /.exec(name) ?? []
    return of === root && parts ? [parts.split(', ')] : []
  })
const roots = [...new Set(forbidden.flatMap(({ name }) => /^([^:]+): .+ above /.exec(name)?.[1] ?? []))]

interface Violation {
  readonly from: string
  readonly to: string
  readonly rule: { readonly name: string }
}

let house: string
let violations: readonly Violation[]

/** Planted imports between the parts of a folder: those that the layers forbid, and those that they allow. */
const upward: [from: string, to: string][] = []
const downward: [from: string, to: string][] = []
const file = (root: string, part: string, name: string) => `${root}/${part}/${name}.ts`

beforeAll(async () => {
  for (const root of roots) {
    const floors = floorsOf(root)
    for (const [index, parts] of floors.entries()) {
      const above = floors[index + 1]?.[0]
      const below = floors[index - 1]?.[0]
      // The imports of generated files are not checked.
      for (const part of parts.filter((name) => name !== 'generated')) {
        const beside = parts.find((other) => other !== part)
        if (above) upward.push([file(root, part, 'up'), file(root, above, 'end')])
        if (beside) upward.push([file(root, part, 'aside'), file(root, beside, 'end')])
        if (below) downward.push([file(root, part, 'down'), file(root, below, 'end')])
      }
    }
    upward.push([file(root, 'new-part', 'any'), file(root, floors[0]?.[0] as string, 'end')])
  }
  house = mkdtempSync(join(tmpdir(), 'handshake-walls-'))
  symlinkSync(join(process.cwd(), 'node_modules'), join(house, 'node_modules'))
  write('tsconfig.json', '{}')
  for (const [from, to] of [...upward, ...downward]) {
    write(to, 'export const end = 1\n')
    write(from, `import '${'../'.repeat(from.split('/').length - 1)}${to}'\n`)
  }
  // No two files import each other, but the two folders do.
  write('test/one/a.ts', `import '../two/a.ts'\n`)
  write('test/two/a.ts', 'export const end = 1\n')
  write('test/two/b.ts', `import '../one/b.ts'\n`)
  write('test/one/b.ts', 'export const end = 1\n')
  violations = await cruise()
})
afterAll(() => rmSync(house, { recursive: true }))

function write(name: string, text: string): void {
  mkdirSync(dirname(join(house, name)), { recursive: true })
  writeFileSync(join(house, name), text)
}

async function cruise(): Promise<readonly Violation[]> {
  const program = join(process.cwd(), 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const folders = [...new Set(roots.map((root) => root.split('/')[0] as string)), 'test']
  const output = await new Promise<string>((resolve) =>
    // The exit status is the number of errors, which must not be zero here.
    execFile(
      process.execPath,
      [program, '--config', CONFIG, '--output-type', 'json', ...folders],
      { cwd: house, maxBuffer: 2 ** 26 },
      (_, stdout) => resolve(stdout),
    ),
  )
  return (JSON.parse(output) as { summary: { violations: Violation[] } }).summary.violations
}

const refusedBy = (from: string, to: string) =>
  violations.filter((violation) => violation.from === from && violation.to === to).map(({ rule }) => rule.name)

test('an import into the floor above, or across one, is refused', () => {
  expect(roots).toEqual(
    expect.arrayContaining(['protocol', 'protocol/tls', 'protocol/round', 'server', 'server/http', 'client/src']),
  )
  for (const [from, to] of upward) {
    const root = roots.findLast((each) => from.startsWith(`${each}/`) && to.startsWith(`${each}/`))
    expect({ from, to, rules: refusedBy(from, to).filter((rule) => rule.startsWith(`${root}: `)) }).toEqual({
      from,
      to,
      rules: [expect.any(String)],
    })
  }
})

test('an import from the floor below is not', () => {
  for (const [from, to] of downward)
    expect({ from, to, rules: refusedBy(from, to).filter((rule) => rule.includes(': ')) }).toEqual({ from, to, rules: [] })
})

test('folders that need each other are refused', () => {
  expect(refusedBy('test/one', 'test/two')).toEqual(['no-cycles-of-folders'])
})
