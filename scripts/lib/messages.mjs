/**
 * The messages of the pages. client/messages holds a file for each area and language (`student.en.json`): flat objects of texts
 * with their parameters in braces. `client/src/generated` is generated from them: a module of typed functions for each area, and
 * a list of texts for each area and language, which client/src/texts loads when it is needed.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserFacingError, ROOT } from './run.mjs'

/** The first language is the one that the others are compared with. */
const LANGS = /** @type {const} */ (['en', 'zh'])

const SOURCES = join(ROOT, 'client/messages')
const GENERATED = join(ROOT, 'client/src/generated')

/** A text by its key. @typedef {{ readonly [key: string]: string }} Texts */
/** Texts by file name, such as `student.en.json`. @typedef {{ readonly [file: string]: Texts }} Messages */

/** Writes the generated files that have changed. Throws a `UserFacingError` with one line per fault in the messages. */
export function compileMessages() {
  const messages = readMessages()
  const faults = listFaults(messages)
  if (faults.length > 0) throw new UserFacingError(faults.join('\n'))
  writeFolder(GENERATED, buildModules(messages))
}

/** @returns {Messages} */
function readMessages() {
  const names = readdirSync(SOURCES).filter((name) => name.endsWith('.json'))
  return Object.fromEntries(
    names.sort().map((name) => {
      try {
        return [name, JSON.parse(readFileSync(join(SOURCES, name), 'utf8'))]
      } catch (error) {
        throw new UserFacingError(`client/messages/${name}: ${/** @type {Error} */ (error).message}`)
      }
    }),
  )
}

/** @param {Messages} messages */
const areasOf = (messages) => [...new Set(Object.keys(messages).map((file) => file.split('.')[0] ?? ''))]

/**
 * One line per fault: both languages must have the same keys with the same parameters, no text may be empty, and no key may occur
 * in two areas.
 * @param {Messages} messages
 */
export function listFaults(messages) {
  /** @type {string[]} */
  const faults = []
  /** The file that contains each key. @type {Map<string, string>} */
  const owners = new Map()
  for (const area of areasOf(messages)) {
    const [first = '', ...others] = LANGS.map((lang) => `${area}.${lang}.json`)
    const base = messages[first] ?? {}
    for (const [key, text] of Object.entries(base)) {
      const where = `client/messages/${first}: ${key}`
      const owner = owners.get(key)
      if (owner) faults.push(`${where} stands in client/messages/${owner} too: rename one of them`)
      if (!/^[a-z]\w*$/.test(key)) faults.push(`${where} is no name of a function`)
      if (text.trim() === '') faults.push(`${where} is empty`)
      owners.set(key, first)
    }
    for (const file of others) {
      const own = messages[file] ?? {}
      for (const key of new Set([...Object.keys(base), ...Object.keys(own)])) {
        const fault = compare(base[key], own[key])
        if (fault) faults.push(`client/messages/${file}: ${key} ${fault} (compare client/messages/${first})`)
      }
    }
  }
  return faults
}

/**
 * Compares a text with the text of the same key in the first language, and returns what is wrong.
 * @param {string | undefined} base
 * @param {string | undefined} own
 */
function compare(base, own) {
  if (own === undefined) return 'is missing'
  if (base === undefined) return 'is in this language only'
  if (own.trim() === '') return 'is empty'
  const [wanted, found] = [base, own].map((text) => listParameters(text).sort().join(', '))
  return wanted === found ? null : `has the parameters {${found}} instead of {${wanted}}`
}

/**
 * The parameter names in braces, without repetition.
 * @param {string} text
 */
const listParameters = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''))]

/**
 * The contents of the files in `client/src/generated`, by file name.
 * @param {Messages} messages
 * @returns {Record<string, string>}
 */
function buildModules(messages) {
  const areas = areasOf(messages)
  const modules = Object.fromEntries(areas.flatMap((area) => buildArea(area, messages)))
  modules['messages.ts'] = `export * as m from './areas.ts'\n`
  modules['areas.ts'] = areas.map((area) => `export * from './${area}.ts'\n`).join('')
  return modules
}

/**
 * An area's functions, and its texts in each language, in the order of the first language's file. A function refers to its text
 * by the index in that list, because names would be most of what a page loads. The PURE annotation lets the bundler drop
 * functions that no page uses.
 * @param {string} area
 * @param {Messages} messages
 * @returns {[name: string, code: string][]}
 */
function buildArea(area, messages) {
  const base = messages[`${area}.${LANGS[0]}.json`] ?? {}
  const keys = Object.keys(base)
  const loaders = LANGS.map((lang) => `${lang}: () => import('./${area}.${lang}.ts')`)
  const functions = keys.map((key, index) => {
    const text = base[key] ?? ''
    const parameters = listParameters(text).map((name) => `${name}: string | number`)
    const type = parameters.length > 0 ? `(values: { ${parameters.join('; ')} }) => string` : '() => string'
    return `/** ${text.replaceAll('*/', '* /')} */\nexport const ${key}: ${type} = /* @__PURE__ */ text(${index})\n`
  })
  const head = `import { defineArea } from '../texts/texts.svelte.ts'\n\nconst text = /* @__PURE__ */ defineArea({ ${loaders.join(', ')} })\n`
  return [
    [`${area}.ts`, [head, ...functions].join('\n')],
    ...LANGS.map((lang) => {
      const own = messages[`${area}.${lang}.json`] ?? {}
      const list = keys.map((key) => own[key])
      return /** @type {[string, string]} */ ([
        `${area}.${lang}.ts`,
        `export const texts: readonly string[] = ${JSON.stringify(list, null, 2)}\n`,
      ])
    }),
  ]
}

/**
 * Makes a folder hold exactly these files. Files that are already correct are not written, so that file watchers do not notice a
 * change.
 * @param {string} folder
 * @param {Record<string, string>} files contents by name
 */
function writeFolder(folder, files) {
  mkdirSync(folder, { recursive: true })
  const old = readdirSync(folder)
  for (const name of old) if (!(name in files)) rmSync(join(folder, name))
  for (const [name, content] of Object.entries(files))
    if (!old.includes(name) || readFileSync(join(folder, name), 'utf8') !== content) writeFileSync(join(folder, name), content)
}
