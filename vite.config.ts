/** The pages: built from client/ into dist/client. The server serves them and is built apart (scripts/build.mjs). */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import { messages } from './client/paraglide.mjs'

/** A student's page may load this many octets of gzipped JS and CSS. */
const BUDGET = 70_000

/**
 * Adds up what the student's page loads: the entry, its static imports, and their CSS. The build fails above the budget. What the page
 * loads once it stands is printed beside it.
 */
const studentPageSize = (): Plugin => ({
  name: 'student-page-size',
  apply: 'build',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
    const withImports = (names: readonly string[], loaded = new Set<string>()): Set<string> => {
      for (const name of names) {
        const chunk = bundle[name]
        if (loaded.has(name) || chunk?.type !== 'chunk') continue
        loaded.add(name)
        for (const css of chunk.viteMetadata?.importedCss ?? []) loaded.add(css)
        withImports(chunk.imports, loaded)
      }
      return loaded
    }
    const gzipped = (names: Iterable<string>) =>
      [...names].reduce((sum, name) => {
        const file = bundle[name]
        return sum + (file ? gzipSync(file.type === 'chunk' ? file.code : file.source).length : 0)
      }, 0)
    const kilo = (octets: number) => (octets / 1000).toFixed(1)

    const entries = chunks.filter((chunk) => chunk.isEntry)
    const others = chunks
      .filter((chunk) => /\/(teacher|debrief|glossary|practice)\//.test(chunk.facadeModuleId ?? ''))
      .map((chunk) => chunk.fileName)
    const first = withImports(entries.map((chunk) => chunk.fileName))
    const later = withImports(entries.flatMap((chunk) => chunk.dynamicImports).filter((name) => !others.includes(name)))
    for (const name of first) later.delete(name)

    const octets = gzipped(first)
    const line = `student's page: ${kilo(octets)} kB of gzipped JS and CSS (at most ${kilo(BUDGET)} kB), and ${kilo(gzipped(later))} kB later`
    if (octets > BUDGET) this.error(line)
    console.log(line)
  },
})

/** Students connect by WebSocket alone (server/live/sockets.ts says why): the code of the other transports stays out of their page. */
const webSocketOnly = (): Plugin => ({
  name: 'web-socket-only',
  transform(_code, id) {
    if (id.endsWith('/engine.io-client/build/esm/transports/index.js'))
      return 'import { WS } from "./websocket.node.js"\nexport const transports = { websocket: WS }'
    // What they do when they are loaded is of use to themselves alone.
    return /\/engine\.io-client\/build\/esm\/transports\/(polling|webtransport)/.test(id) ? { moduleSideEffects: false } : null
  },
})

/**
 * Messages ask Paraglide's runtime for the locale and nothing else, and lib/lang.svelte.ts answers: its cookies, addresses and redirects stay
 * out of the pages. A message that asks for more does not build.
 */
const localeOnly = (): Plugin => ({
  name: 'locale-only',
  apply: 'build',
  transform(_code, id) {
    if (!id.endsWith('/paraglide/runtime.js')) return null
    return `
      export let getLocale = () => 'en'
      export const overwriteGetLocale = (get) => { getLocale = get }
      export const experimentalStaticLocale = undefined`
  },
})

/** Compresses once what every student loads: the server hands out the smaller file as it lies there. */
const compressed = (): Plugin => ({
  name: 'compressed',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const [name, file] of Object.entries(bundle))
        if (/\.(js|css|html|svg)$/.test(name))
          this.emitFile({
            type: 'asset',
            fileName: `${name}.gz`,
            source: gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 }),
          })
    },
  },
})

export default defineConfig({
  root: fileURLToPath(new URL('client', import.meta.url)),
  plugins: [
    paraglideVitePlugin(messages),
    svelte({ configFile: false }),
    webSocketOnly(),
    localeOnly(),
    studentPageSize(),
    compressed(),
  ],
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
