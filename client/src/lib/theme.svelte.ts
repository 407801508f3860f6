/** Light, dark, or as the system has it. The colours themselves stand in app.css. */
import { recall, remember } from './storage.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'theme'

const isTheme = (value: string | null): value is Theme => THEMES.includes(value as Theme)

const chosen = recall(localStorage, KEY)
let current: Theme = $state(isTheme(chosen) ? chosen : 'system')

const announce = () => {
  if (current === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = current
}

announce()

export const theme = {
  get current(): Theme {
    return current
  },
  choose(next: Theme): void {
    current = next
    remember(localStorage, KEY, next === 'system' ? null : next)
    announce()
  },
}
