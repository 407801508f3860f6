/** The language of the pages: the one chosen here before, else the browser's, else English. Switching redraws, it never reloads. */
import type { Lang, LocalizedText } from '../../../protocol/round/model/exercise.ts'
import { overwriteGetLocale } from '../paraglide/runtime.js'
import { isLang, pickLanguage } from './languages.ts'
import { readStorage, writeStorage } from './storage.ts'

const STORAGE_KEY = 'lang'

const storedLang = readStorage(localStorage, STORAGE_KEY)
let current: Lang = $state(isLang(storedLang) ? storedLang : pickLanguage(navigator.languages))

const applyToDocument = () => {
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en'
}

// Messages ask for the locale as they are rendered; since that reads a rune, a switch renders them again.
overwriteGetLocale(() => current)
applyToDocument()

export const lang = {
  get current(): Lang {
    return current
  },
  choose(next: Lang): void {
    current = next
    writeStorage(localStorage, STORAGE_KEY, next)
    applyToDocument()
  },
}

/** A text of an exercise in the language of the page. */
export const localize = (text: LocalizedText): string => text[current]
