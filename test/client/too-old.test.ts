/** The script for browsers that cannot run the pages, in the simplest browser that it could meet. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { ROOT } from '../../server/base/root.ts'

const SCRIPT = readFileSync(join(ROOT, 'client/public/too-old.js'), 'utf8')

/** A browser's window with the elements of index.html, after the script has run. */
function open({ knowsModules = true, array = Array }: { knowsModules?: boolean; array?: object } = {}) {
  const app = { firstChild: null as object | null }
  const notice = { hidden: true }
  const elements: Record<string, object> = { app, 'too-old': notice }
  const listeners = new Map<string, (event: { error?: unknown }) => void>()
  runInNewContext(SCRIPT, {
    document: {
      getElementById: (id: string) => elements[id] ?? null,
      createElement: () => (knowsModules ? { noModule: false } : {}),
    },
    window: { addEventListener: (kind: string, listen: (event: object) => void) => void listeners.set(kind, listen) },
    Array: array,
  })
  return { app, notice, happen: (kind: 'error' | 'unhandledrejection', event: object = {}) => listeners.get(kind)!(event) }
}

it('says nothing to a browser that knows modules and runs the page', () => {
  expect(open().notice.hidden).toBe(true)
})

it('tells a browser that knows no modules', () => {
  expect(open({ knowsModules: false }).notice.hidden).toBe(false)
})

it('tells a browser that lacks what the pages use', () => {
  expect(open({ array: { prototype: {} } }).notice.hidden).toBe(false)
})

it('tells a browser in which a script fails before anything is shown, and not one in which the page goes on', () => {
  for (const kind of ['error', 'unhandledrejection'] as const) {
    const { notice, happen } = open()
    happen(kind, { error: new TypeError('x.at is not a function') })
    expect(notice.hidden).toBe(false)
    const shown = open()
    shown.app.firstChild = {}
    shown.happen(kind, { error: new TypeError('later') })
    expect(shown.notice.hidden).toBe(true)
  }
})

it('does not take a file that has not loaded for an old browser', () => {
  const { notice, happen } = open()
  happen('error')
  expect(notice.hidden).toBe(true)
})

it('holds nothing that a browser of 2009 could not read (ECMAScript 5)', () => {
  expect(SCRIPT.replace(/\/\*[^]*?\*\/|\/\/.*/g, '')).not.toMatch(/=>|`|\?\.|\?\?|\*\*|\.\.\.|\b(let|const|class|async|of)\b/)
})
