import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { announcement } from './test/support/volume.ts'

if (announcement) console.log(announcement)

/** Pages of the real server in a Chromium, both of which all of these tests share. */
const browser = ['test/browser{,s}/**/*.test.ts']
/** Tests that start the server as a process of its own, and kill it. What they run is built first. */
const processes = ['test/{start,nodes,faults}/**/*.test.ts']

/** What takes long begins first, and the many short files fill up the cores at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = ['processes', 'browser', 'parts']
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => order.indexOf(one.project.name) - order.indexOf(other.project.name))
  }
}

const common = {
  // For what hangs: a busy machine is slow, and no test asserts a time. `VOLUME=full` plays many times as much.
  testTimeout: announcement ? 600_000 : 60_000,
  hookTimeout: 60_000,
  // A test in which nothing is expected has proven nothing.
  expect: { requireAssertions: true },
  maxWorkers: '100%',
  // Files share a process and what they have imported, which halves their time: a test must not change what a module holds.
  isolate: false,
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [svelte({ configFile: false })],
        test: {
          ...common,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...browser, ...processes],
          setupFiles: ['test/support/english.ts'],
        },
      },
      {
        test: { ...common, name: 'processes', include: processes, globalSetup: ['test/support/built.ts'], testTimeout: 300_000 },
      },
      {
        test: {
          ...common,
          name: 'browser',
          include: browser,
          globalSetup: ['test/support/browser-setup.ts'],
          testTimeout: 300_000,
        },
      },
    ],
  },
})
