/** The language of the pages: the one chosen here before, else the browser's, else English. Switching redraws, it never reloads. */
import type { Lang, LocalizedText } from '../../../protocol/round/model/exercise.ts'
import { getLang, switchLang } from '../texts/texts.svelte.ts'
import { isLang, pickLanguage } from './languages.ts'
import { browserStorage, readStorage, writeStorage } from './storage.ts'

const STORAGE_KEY = 'lang'

async function show(next: Lang): Promise<void> {
  await switchLang(next)
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
}

export const lang = {
  get current(): Lang {
    return getLang()
  },
  /** Shows the page's own language. Rejects if its texts cannot be loaded. */
  begin(): Promise<void> {
    const stored = readStorage(browserStorage, STORAGE_KEY)
    return show(isLang(stored) ? stored : pickLanguage(navigator.languages))
  },
  choose(next: Lang): void {
    writeStorage(browserStorage, STORAGE_KEY, next)
    // Where its texts cannot be loaded now, the page stays as it is until it is opened again.
    show(next).catch(() => {})
  },
}

/** A text of an exercise in the language of the page. */
export const localize = (text: LocalizedText): string => text[getLang()]
