/** The ladder as a table, which is loaded once the picture stands. */
import { loadLazily } from '../lib/lazy.svelte.ts'

export const lazyTable = loadLazily(() => import('./LadderTable.svelte'))
