/** Whether somebody has played or skipped the first minute in this browser. */
import { browserStorage, readStorage, writeStorage } from '../lib/storage.ts'

const STORAGE_KEY = 'tutorial'

export const hasSeenTutorial = (): boolean => readStorage(browserStorage, STORAGE_KEY) !== null
export const rememberTutorial = (): void => writeStorage(browserStorage, STORAGE_KEY, 'seen')
