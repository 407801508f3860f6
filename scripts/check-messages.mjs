/** Holds the messages of the pages: every file has the same keys in every language, no text is empty, and parameters agree. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserFacingError, isMain, ROOT, run } from './lib/run.mjs'

if (isMain(import.meta.url)) await run(checkMessages)

/** Throws a `UserFacingError` with one line a fault. */
async function checkMessages() {
  const { baseLocale, locales, 'plugin.inlang.messageFormat': format } = read('project.inlang/settings.json')
  /** @type {string[]} */
  const faults = []
  /** Which file a key stands in. @type {Map<string, string>} */
  const owners = new Map()

  for (const pattern of format.pathPattern) {
    const fileOf = (/** @type {string} */ locale) => pattern.replace('./', '').replace('{locale}', locale)
    const absent = locales.map(fileOf).filter((/** @type {string} */ file) => !existsSync(pathOf(file)))
    faults.push(...absent.map((/** @type {string} */ file) => `client/${file} is missing`))
    if (absent.length > 0) continue

    const base = texts(fileOf(baseLocale))
    for (const key of Object.keys(base)) {
      if (owners.has(key))
        faults.push(`client/${fileOf(baseLocale)}: ${key} stands in client/${owners.get(key)} too: rename one of them`)
      owners.set(key, fileOf(baseLocale))
    }
    for (const locale of locales) {
      const own = texts(fileOf(locale))
      for (const key of new Set([...Object.keys(base), ...Object.keys(own)])) {
        const fault = faultOf(base[key], own[key])
        if (fault) faults.push(`client/${fileOf(locale)}: ${key} ${fault} (compare client/${fileOf(baseLocale)})`)
      }
    }
  }
  if (faults.length > 0) throw new UserFacingError(faults.join('\n'))
}

/**
 * What is wrong with a text beside the same key's text in the base language.
 * @param {string | undefined} base
 * @param {string | undefined} own
 */
function faultOf(base, own) {
  if (own === undefined) return 'is missing'
  if (base === undefined) return 'is in this language only'
  if (own.trim() === '') return 'is empty'
  if (parameters(base) !== parameters(own)) return `has the parameters {${parameters(own)}} instead of {${parameters(base)}}`
  return null
}

/**
 * The names in braces, each once, in alphabetical order.
 * @param {string} text
 */
function parameters(text) {
  return [...new Set([...text.matchAll(/(?<!\\)\{(\w+)\}/g)].map(([, name]) => name))].sort().join(', ')
}

/** @param {string} file below client/ */
function pathOf(file) {
  return join(ROOT, 'client', file)
}

/** @param {string} file */
function read(file) {
  return JSON.parse(readFileSync(pathOf(file), 'utf8'))
}

/**
 * @param {string} file
 * @returns {Record<string, string>}
 */
function texts(file) {
  const { $schema: _, ...messages } = read(file)
  return messages
}
