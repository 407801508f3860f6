/** Browser storage that may be full, switched off or missing: what cannot be kept is forgotten. */

export const readStorage = (storage: Storage, key: string): string | null => {
  try {
    return storage.getItem(key)
  } catch {
    return null
  }
}

export const writeStorage = (storage: Storage, key: string, value: string | null): void => {
  try {
    if (value === null) storage.removeItem(key)
    else storage.setItem(key, value)
  } catch {
    // Nothing depends on it.
  }
}
