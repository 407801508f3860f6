/** The ladder as a table, which is loaded once the picture stands. */
import { later } from '../lib/later.svelte.ts'

export const tables = later(() => import('./LadderTable.svelte'))
