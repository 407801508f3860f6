/** The colour theme: light, dark, or the system's setting. The colours are defined in app.css. */
import { browserStorage, readStorage, writeStorage } from './storage.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const STORAGE_KEY = 'theme'

const isTheme = (value: string | null): value is Theme => THEMES.includes(value as Theme)

const storedTheme = readStorage(browserStorage, STORAGE_KEY)
let current: Theme = $state(isTheme(storedTheme) ? storedTheme : 'system')

const applyToDocument = () => {
  if (current === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = current
}

applyToDocument()

/** The chosen theme, and `choose` to change, apply and store it. */
export const theme = {
  get current(): Theme {
    return current
  },
  choose(next: Theme): void {
    current = next
    writeStorage(browserStorage, STORAGE_KEY, next === 'system' ? null : next)
    applyToDocument()
  },
}
