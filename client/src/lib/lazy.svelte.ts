/** Components that are loaded after the first paint, to keep the first paint fast. */
import { loadPart } from '../texts/texts.svelte.ts'

/** Returns a getter: null until the module has loaded. The first call starts the download. */
export function loadLazily<T extends object>(load: () => Promise<T>): () => T | null {
  let loaded: T | null = $state.raw(null)
  let asked = false
  return () => {
    if (!asked) void loadPart(load).then((part) => (loaded = part))
    asked = true
    return loaded
  }
}
