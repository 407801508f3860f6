/** What a page does that was loaded from another version of the server than the one that now runs. */
import { WIRE_VERSION } from '../../../contract/wire-version.ts'
import { readStorage, writeStorage, type PageStorage } from './storage.ts'

const KEY = 'outdated'

/**
 * Reloads the page, which brings the version that the server has. Does nothing if this tab has already done that for this version
 * (a cache has then given the same page again), or if it cannot remember that it has: it must not reload for ever.
 */
export function reloadOutdatedPage(storage: PageStorage, reload: () => void): void {
  const version = `${WIRE_VERSION}`
  if (readStorage(storage, KEY) === version) return
  writeStorage(storage, KEY, version)
  if (readStorage(storage, KEY) === version) reload()
}
