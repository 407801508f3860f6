/** The commands that need no server, in files of their own, dist/cli. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: {
    ssr: true,
    rolldownOptions: { input: ['cli/judge.ts', 'cli/play.ts', 'cli/check.ts'] },
    outDir: 'dist/cli',
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    minify: false,
  },
  ssr: { noExternal: true },
  logLevel: 'warn',
})
