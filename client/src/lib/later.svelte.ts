/** Parts of a page that are loaded once it stands, so that its first sight is quick. */

/** Null until the part is there; asked again, it is loaded again if that failed. */
export function later<T extends object>(load: () => Promise<T>): () => T | null {
  let loaded: T | null = $state.raw(null)
  let loading = false
  return () => {
    if (!loaded && !loading) {
      loading = true
      load().then(
        (part) => (loaded = part),
        () => (loading = false),
      )
    }
    return loaded
  }
}
