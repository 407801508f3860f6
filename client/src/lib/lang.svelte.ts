/** The language of the pages: the one chosen earlier in this browser, else the browser's, else English. Switching needs no reload. */
import type { Lang, LocalizedText } from '../../../protocol/round/model/exercise.ts'
import { getLang, switchLang } from '../texts/texts.svelte.ts'
import { isLang, pickLanguage } from './languages.ts'
import { browserStorage, readStorage, writeStorage } from './storage.ts'

const STORAGE_KEY = 'lang'

async function show(next: Lang): Promise<void> {
  await switchLang(next)
  document.documentElement.lang = getLang() === 'zh' ? 'zh-CN' : 'en'
}

export const lang = {
  get current(): Lang {
    return getLang()
  },
  /** Switches to the stored or the browser's language. Rejects if its texts cannot be loaded. */
  begin(): Promise<void> {
    const stored = readStorage(browserStorage, STORAGE_KEY)
    return show(isLang(stored) ? stored : pickLanguage(navigator.languages))
  },
  choose(next: Lang): void {
    writeStorage(browserStorage, STORAGE_KEY, next)
    // If the texts cannot be loaded now, the page keeps its language; the stored choice applies when it is opened again.
    show(next).catch(() => {})
  },
}

/** A text of an exercise in the language of the page. */
export const localize = (text: LocalizedText): string => text[getLang()]
