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

const NO_STORAGE: PageStorage = { getItem: () => null, setItem: () => {}, removeItem: () => {} }

/** Where a browser blocks storage, merely naming it throws. */
const openStorage = (name: 'localStorage' | 'sessionStorage'): PageStorage => {
  try {
    return (globalThis as { readonly [N in typeof name]?: PageStorage })[name] ?? NO_STORAGE
  } catch {
    return NO_STORAGE
  }
}
/** Kept by this browser. */
export const browserStorage = openStorage('localStorage')
/** Kept as long as this tab. */
export const tabStorage = openStorage('sessionStorage')

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
