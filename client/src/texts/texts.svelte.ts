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

export const getLang = (): Lang => current

/** Switches once the texts of all areas are there; until then, and if they cannot be loaded, the language stays. */
export async function switchLang(next: Lang): Promise<void> {
  await loadTexts(() => next)
  current = next
}

/** Loads a part of the pages, and the texts of the areas that come with it. Whatever is loaded later has to be loaded by this. */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  const part = await load()
  await loadTexts(getLang)
  return part
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
