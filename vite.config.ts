/** The pages: built from client/ into dist/client. The server serves them and is built apart (scripts/build.mjs). */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import { messages } from './client/paraglide.mjs'

/** A student's page may load this many octets of gzipped JS and CSS. */
const BUDGET = 70_000

/** Adds up what the student's page loads: the entry, its static imports, and their CSS; what it loads later, for the first finding, is not in it. The build fails above the budget. */
const studentPageSize = (): Plugin => ({
  name: 'student-page-size',
  apply: 'build',
  generateBundle(_options, bundle) {
    const loaded = new Set<string>()
    const load = (file: string) => {
      if (loaded.has(file)) return
      loaded.add(file)
      const chunk = bundle[file]
      if (chunk?.type !== 'chunk') return
      for (const name of chunk.viteMetadata?.importedCss ?? []) loaded.add(name)
      chunk.imports.forEach(load)
    }
    for (const file of Object.values(bundle)) if (file.type === 'chunk' && file.isEntry) load(file.fileName)

    const octets = [...loaded].reduce((sum, name) => {
      const file = bundle[name]
      return sum + (file ? gzipSync(file.type === 'chunk' ? file.code : file.source).length : 0)
    }, 0)
    const line = `student's page: ${(octets / 1000).toFixed(1)} kB of gzipped JS and CSS (at most ${BUDGET / 1000} kB)`
    if (octets > BUDGET) this.error(line)
    console.log(line)
  },
})

export default defineConfig({
  root: fileURLToPath(new URL('client', import.meta.url)),
  plugins: [paraglideVitePlugin(messages), svelte({ configFile: false }), studentPageSize()],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    // Strict CSP: nothing inlined as data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/api': 'http://localhost:8080', '/socket.io': { target: 'http://localhost:8080', ws: true } },
  },
})
