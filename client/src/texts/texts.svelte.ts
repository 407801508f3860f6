/**
 * The texts of the pages in the language that is chosen, loaded area by area: a page never loads the other language. `client/src/generated`,
 * which is made from client/messages, has a function for each text.
 */
import type { Lang } from '../../../protocol/round/model/exercise.ts'

/** What a text's parameters stand for. */
type Values = { readonly [name: string]: string | number }
type Area = {
  readonly load: { readonly [L in Lang]: () => Promise<{ readonly texts: readonly string[] }> }
  readonly texts: { [L in Lang]?: readonly string[] }
}

/** The areas whose functions have been loaded. */
const areas: Area[] = []

// A rune: what a text is shown in reads it, so that a switch renders the text again.
let current: Lang = $state('en')
/** The one that was asked for last. */
let wanted: Lang

export const getLang = (): Lang => current

/**
 * Switches once the texts of all areas are there; until then, and if they cannot be loaded, the language stays. Where another one is asked
 * for meanwhile, that one counts.
 */
export async function switchLang(next: Lang): Promise<void> {
  wanted = next
  await loadTexts(() => wanted)
  current = wanted
}

/** Parts that have failed to load a few times and are still missing. */
let missing = $state(0)
/** Real ms before a download that failed is tried again. */
const RETRY_AFTER_MS = 2_000
/** A part that has failed so often is said to be missing. */
const MAX_SILENT_FAILURES = 2

export const isPartMissing = (): boolean => missing > 0

/**
 * Loads a part of the pages, and the texts of the areas that come with it. Whatever is loaded later has to be loaded by this. It tries until it
 * succeeds: a network may be away, and a server that has been updated does not have the files of this page any more.
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
 * For what is generated: returns what makes a function for the text at an index of the area's lists.
 * @public
 */
export function defineArea(load: Area['load']): (index: number) => (values?: Values) => string {
  const area: Area = { load, texts: {} }
  areas.push(area)
  return (index) => (values) =>
    (area.texts[current]?.[index] as string).replace(/\{(\w+)\}/g, (_, name: string) => `${values?.[name]}`)
}

/** Until nothing is missing: while one area loads, another may be defined, or another language chosen. */
async function loadTexts(want: () => Lang): Promise<void> {
  for (;;) {
    const lang = want()
    const missing = areas.filter((area) => !area.texts[lang])
    if (missing.length === 0) return
    await Promise.all(missing.map(async (area) => (area.texts[lang] = (await area.load[lang]()).texts)))
  }
}
