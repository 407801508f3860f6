/** The components that a round's page does not need for its first paint, such as the texts of findings, or that not every scene has. */
import { loadLazily } from '../lib/lazy.svelte.ts'

export const lazyComponents = loadLazily(() => import('./lazy-components.ts'))
