/**
 * The texts of the pages in the current language. They are loaded by area, and only in the languages that are used.
 * `client/src/generated`, which is generated from client/messages, has a function for each text.
 */
import type { Lang } from '../../../protocol/round/model/exercise.ts'

/** The values of a text's parameters. */
type Values = { readonly [name: string]: string | number }
type Area = {
  readonly load: { readonly [L in Lang]: () => Promise<{ readonly texts: readonly string[] }> }
  readonly texts: { [L in Lang]?: readonly string[] }
}

/** The areas whose functions have been loaded. */
const areas: Area[] = []

// Reactive state: components that show a text read it, so that switching the language renders them again.
let current: Lang = $state('en')
/** The language that was requested last. */
let wanted: Lang

/** The current language. Reactive. */
export const getLang = (): Lang => current

/**
 * Switches the language after the texts of all areas have been loaded. Rejects, without switching, if they cannot be loaded. If another
 * language is requested meanwhile, that one is used.
 */
export async function switchLang(next: Lang): Promise<void> {
  wanted = next
  await loadTexts(() => wanted)
  current = wanted
}

/** The number of parts that failed to load more than `MAX_SILENT_FAILURES` times and are still missing. */
let missing = $state(0)
/** Real ms before a failed download is tried again. */
const RETRY_AFTER_MS = 2_000
/** After more failures than this, the page says that a part is missing. */
const MAX_SILENT_FAILURES = 2

/** Whether a part of the pages cannot be loaded at present. Reactive. */
export const isPartMissing = (): boolean => missing > 0

/**
 * Loads a part of the pages, and the texts of its areas. Every dynamic import has to use it. It retries until it succeeds: the network may
 * be down, or the server may have been updated and no longer have the files of this page's version.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  for (let failures = 0; ;) {
    try {
      const part = await load()
      await loadTexts(getLang)
      if (failures > MAX_SILENT_FAILURES) missing--
      return part
    } catch {
      if (++failures === MAX_SILENT_FAILURES + 1) missing++
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS))
    }
  }
}

/**
 * Called by the generated code: registers an area, and returns a factory of text functions, by index into the area's list of texts.
 * @public
 */
export function defineArea(load: Area['load']): (index: number) => (values?: Values) => string {
  const area: Area = { load, texts: {} }
  areas.push(area)
  return (index) => (values) =>
    (area.texts[current]?.[index] as string).replace(/\{(\w+)\}/g, (_, name: string) => `${values?.[name]}`)
}

/** Repeats until no area's texts are missing: meanwhile, an area may be defined or another language chosen. Rejects if a load fails. */
async function loadTexts(want: () => Lang): Promise<void> {
  for (;;) {
    const lang = want()
    const missing = areas.filter((area) => !area.texts[lang])
    if (missing.length === 0) return
    await Promise.all(missing.map(async (area) => (area.texts[lang] = (await area.load[lang]()).texts)))
  }
}
