/**
 * Browser storage, which may be full or disabled: failed reads give null, failed writes are ignored. Stored values are a convenience; the
 * page works without them.
 */

/** What a page uses of the browser's `Storage`. */
export type PageStorage = {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export const readStorage = (storage: PageStorage, key: string): string | null => {
  try {
    return storage.getItem(key)
  } catch {
    return null
  }
}

export const writeStorage = (storage: PageStorage, key: string, value: string | null): void => {
  try {
    if (value === null) storage.removeItem(key)
    else storage.setItem(key, value)
  } catch {
    // As said above.
  }
}
