/** The ladder as a table, loaded after the diagram is shown. */
import { loadLazily } from '../lib/lazy.svelte.ts'

export const lazyTable = loadLazily(() => import('./LadderTable.svelte'))
