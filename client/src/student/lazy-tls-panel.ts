/** The components that a round's page needs only in scenes with TLS. */
import { loadLazily } from '../lib/lazy.svelte.ts'

export const lazyTlsPanel = loadLazily(() => import('../tls-panel/lazy-components.ts'))
