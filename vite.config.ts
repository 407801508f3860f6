/** The pages: built from client/ into dist/client. The server serves them and is built apart (scripts/build.mjs). */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import { compileMessages } from './scripts/lib/messages.mjs'

/** The oldest browsers that the pages are built for; docs/teachers.md names them, and eslint.config.js what they have not. */
const BROWSERS = ['chrome109', 'edge109', 'firefox115', 'safari15.4']

/** A student's page may load this many octets of gzipped JS and CSS. */
const BUDGET = 110_000

/**
 * Adds up what the student's page loads: the entry, its static imports, their CSS, and their texts in the larger of the languages. The build
 * fails above the budget. What the page loads once it stands is printed beside it.
 */
const studentPageSize = (): Plugin => ({
  name: 'student-page-size',
  apply: 'build',
  generateBundle(_options, bundle) {
    const chunkOf = (name: string) => {
      const file = bundle[name]
      return file?.type === 'chunk' ? file : undefined
    }
    const languageOf = (name: string) => /\/generated\/\w+\.(\w+)\.ts$/.exec(chunkOf(name)?.facadeModuleId ?? '')?.[1]
    /** These chunks and what comes with them: static imports, CSS, and the texts of one language. */
    const withImports = (names: readonly string[], lang: string, loaded = new Set<string>()): Set<string> => {
      for (const name of names) {
        const chunk = chunkOf(name)
        if (loaded.has(name) || !chunk) continue
        loaded.add(name)
        for (const css of chunk.viteMetadata?.importedCss ?? []) loaded.add(css)
        withImports([...chunk.imports, ...chunk.dynamicImports.filter((each) => languageOf(each) === lang)], lang, loaded)
      }
      return loaded
    }
    const gzipped = (names: Iterable<string>) =>
      [...names].reduce((sum, name) => {
        const file = bundle[name]
        return sum + (file ? gzipSync(file.type === 'chunk' ? file.code : file.source).length : 0)
      }, 0)
    const kilo = (octets: number) => (octets / 1000).toFixed(1)

    const entries = Object.keys(bundle).filter((name) => chunkOf(name)?.isEntry)
    const isStudents = (name: string) =>
      languageOf(name) === undefined && !/\/(teacher|debrief|glossary|practice|check)\//.test(chunkOf(name)?.facadeModuleId ?? '')
    const sizes = ['en', 'zh'].map((lang) => {
      const first = withImports(entries, lang)
      const whole = withImports(
        [...first, ...entries.flatMap((name) => chunkOf(name)?.dynamicImports.filter(isStudents) ?? [])],
        lang,
      )
      return { first: gzipped(first), later: gzipped(whole) - gzipped(first) }
    })
    const octets = Math.max(...sizes.map(({ first }) => first))
    const line = `student's page: ${kilo(octets)} kB of gzipped JS and CSS (at most ${kilo(BUDGET)} kB), and ${kilo(Math.max(...sizes.map(({ later }) => later)))} kB later`
    if (octets > BUDGET) this.error(line)
    console.log(line)
  },
})

/**
 * Of Socket.IO's transports the pages have WebSocket, and long polling by `fetch` where a network lets no WebSocket through: the code of the
 * others stays out of them.
 */
const twoTransports = (): Plugin => ({
  name: 'two-transports',
  transform(_code, id) {
    if (id.endsWith('/engine.io-client/build/esm/transports/index.js'))
      return `
        import { WS } from "./websocket.node.js"
        import { Fetch } from "./polling-fetch.js"
        export const transports = { websocket: WS, polling: Fetch }`
    // What the others do when they are loaded is of use to themselves alone.
    return /\/engine\.io-client\/build\/esm\/transports\/(polling-xhr|webtransport)/.test(id) ? { moduleSideEffects: false } : null
  },
})

/** Writes the messages' functions anew when a file of client/messages is saved while somebody develops. */
const messages = (): Plugin => ({
  name: 'messages',
  buildStart: compileMessages,
  // A page loads the areas whose functions it has.
  transform: (_code, id) => (/\/generated\/\w+\.ts$/.test(id) ? { moduleSideEffects: false } : null),
  configureServer({ watcher, config }) {
    watcher.on('change', (file) => {
      if (!file.startsWith(join(config.root, 'messages'))) return
      try {
        compileMessages()
      } catch (error) {
        config.logger.error(String(error))
      }
    })
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
  plugins: [messages(), svelte({ configFile: false }), twoTransports(), studentPageSize(), compressed()],
  build: {
    target: BROWSERS,
    outDir: '../dist/client',
    emptyOutDir: true,
    // What every page begins with is one file: split in three, the lists of what they import from each other are kilobytes.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'begin', tags: ['$initial'] }] } } },
    // Strict CSP: nothing inlined as data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/api': 'http://localhost:8080', '/socket.io': { target: 'http://localhost:8080', ws: true } },
  },
})
