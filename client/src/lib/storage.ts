/**
 * Access to browser storage, which may be full or disabled: failed reads return null, failed writes are ignored. Stored values are a
 * convenience; the pages work without them.
 */

/** The part of the browser's `Storage` that the pages use. */
export type PageStorage = {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

const NO_STORAGE: PageStorage = { getItem: () => null, setItem: () => {}, removeItem: () => {} }

/** If the browser blocks storage, even accessing the property throws. */
const openStorage = (name: 'localStorage' | 'sessionStorage'): PageStorage => {
  try {
    return (globalThis as { readonly [N in typeof name]?: PageStorage })[name] ?? NO_STORAGE
  } catch {
    return NO_STORAGE
  }
}
/** Shared by all tabs; kept when the browser is closed. */
export const browserStorage = openStorage('localStorage')
/** Kept until this tab is closed; survives a reload. */
export const tabStorage = openStorage('sessionStorage')

/** The stored value; null if there is none or storage cannot be read. */
export const readStorage = (storage: PageStorage, key: string): string | null => {
  try {
    return storage.getItem(key)
  } catch {
    return null
  }
}

/** Stores a value, or removes it if null. Failures are ignored. */
export const writeStorage = (storage: PageStorage, key: string, value: string | null): void => {
  try {
    if (value === null) storage.removeItem(key)
    else storage.setItem(key, value)
  } catch {
    // Failed writes are ignored, see above.
  }
}
