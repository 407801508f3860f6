/** Parts of a page that are loaded once it stands, so that its first sight is quick. */

/** ms before it is tried again where the server could not be reached. */
const RETRY_AFTER_MS = 2_000

/** What is returned gives null until the part is there, and begins to load it where nobody has asked before. */
export function loadLazily<T extends object>(load: () => Promise<T>): () => T | null {
  let loaded: T | null = $state.raw(null)
  let asked = false
  const begin = () => {
    asked = true
    load().then(
      (part) => (loaded = part),
      () => setTimeout(begin, RETRY_AFTER_MS),
    )
  }
  return () => {
    if (!asked) begin()
    return loaded
  }
}
