/** How the messages are compiled: read by Vite and by `scripts/generate.mjs`, so that both write the same files. */
import { fileURLToPath } from 'node:url'

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** @satisfies {import('@inlang/paraglide-js').CompilerOptions} */
export const messages = {
  project: here('project.inlang'),
  outdir: here('src/paraglide'),
  // The pages choose the language themselves: see src/lib/lang.svelte.ts.
  strategy: /** @type {['globalVariable', 'baseLocale']} */ (['globalVariable', 'baseLocale']),
  isServer: 'import.meta.env?.SSR',
  emitReadme: false,
}
