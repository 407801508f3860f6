/** Prisma's client, made from prisma/schema.prisma into server/generated. */
import { tool } from './run.mjs'

export const compileClient = () =>
  tool('node_modules/prisma/build/index.js', ['generate', '--no-hints'], {
    quiet: true,
    // The command line would download a native schema engine, which `generate` never runs. Any program that exists stands in for
    // it; Node does so everywhere, and would fail loudly if it were asked to be one.
    env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  })
