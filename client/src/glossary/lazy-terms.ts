/** The terms come after a page's first sight: texts stand without marks until then. */
import { loadLazily } from '../lib/lazy.svelte.ts'

export const lazyTerms = loadLazily(() => import('./split-terms.ts'))
