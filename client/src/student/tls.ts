/** What a round's page needs only where a scene has TLS. */
import { later } from '../lib/later.svelte.ts'

export const tlsParts = later(() => import('../tls/parts.ts'))
