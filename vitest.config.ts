import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

/** Tests that start the server as a process of its own, or open its pages in a browser: what they run is built first. */
const whole = ['test/{start,nodes,faults,browser}/**/*.test.ts']

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  test: {
    // For what hangs: a busy machine is slow, and no test asserts a time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: whole,
          globalSetup: ['test/support/global-setup.ts'],
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: whole,
          globalSetup: ['test/support/built.ts', 'test/support/global-setup.ts'],
          testTimeout: 300_000,
          // Each has a server, a database and a browser beside it, which take the other cores: two files at once take longer than one by one.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
