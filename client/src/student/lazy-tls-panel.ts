/** What a round's page needs only where a scene has TLS. */
import { loadLazily } from '../lib/lazy.svelte.ts'

export const lazyTlsPanel = loadLazily(() => import('../tls-panel/lazy-components.ts'))
