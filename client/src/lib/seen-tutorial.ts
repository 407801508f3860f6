/** Whether somebody has played the first minute in this browser, or has passed it over. */
import { browserStorage, readStorage, writeStorage } from './storage.ts'

const STORAGE_KEY = 'tutorial'

export const hasPlayedTutorial = (): boolean => readStorage(browserStorage, STORAGE_KEY) === 'played'
/** Whether it has been played or passed over: it is not proposed any more. */
export const hasSeenTutorial = (): boolean => readStorage(browserStorage, STORAGE_KEY) !== null

/** What has been played stays so. */
export function rememberTutorial(how: 'played' | 'skipped'): void {
  if (!hasPlayedTutorial()) writeStorage(browserStorage, STORAGE_KEY, how)
}
