/** What a round's page needs only after its first sight: the sentences of findings, and what not every scene has. */
import { loadLazily } from '../lib/lazy.svelte.ts'

export const lazyComponents = loadLazily(() => import('./lazy-components.ts'))
