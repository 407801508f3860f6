/** What a round's page needs only after its first sight: the sentences of findings, and what not every scene has. */
import { later } from '../lib/later.svelte.ts'

export const parts = later(() => import('./parts.ts'))
