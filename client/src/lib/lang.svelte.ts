/** The language of the pages: the one chosen here before, else the browser's, else English. Switching redraws, it never reloads. */
import type { Lang, Text } from '../../../protocol/world/exercise.ts'
import { overwriteGetLocale } from '../paraglide/runtime.js'
import { isLang, preferred } from './languages.ts'
import { recall, remember } from './storage.ts'

const KEY = 'lang'

const chosen = recall(localStorage, KEY)
let current: Lang = $state(isLang(chosen) ? chosen : preferred(navigator.languages))

const announce = () => {
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en'
}

// Messages ask for the locale as they are rendered; since that reads a rune, a switch renders them again.
overwriteGetLocale(() => current)
announce()

export const lang = {
  get current(): Lang {
    return current
  },
  choose(next: Lang): void {
    current = next
    remember(localStorage, KEY, next)
    announce()
  },
}

/** A text of an exercise in the language of the page. */
export const say = (text: Text): string => text[current]
