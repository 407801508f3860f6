/** Components that are loaded after the first paint, to keep the first paint fast. */
import { loadPart } from '../texts/texts.svelte.ts'

/** ms before a download that failed is tried again. */
const RETRY_AFTER_MS = 2_000

/** Returns a getter: null until the module has loaded. The first call starts the download; a failed one is retried. */
export function loadLazily<T extends object>(load: () => Promise<T>): () => T | null {
  let loaded: T | null = $state.raw(null)
  let asked = false
  const begin = () => {
    asked = true
    loadPart(load).then(
      (part) => (loaded = part),
      () => setTimeout(begin, RETRY_AFTER_MS),
    )
  }
  return () => {
    if (!asked) begin()
    return loaded
  }
}
