/**
 * Generates Prisma's client from prisma/schema.prisma into server/generated, with the package that Prisma's command line uses for
 * this. The rest of that command line, such as its studio and its database, would be a third of an installation.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import internals from '@prisma/internals'
import { ROOT } from './run.mjs'

// Required as CommonJS, because its ES module imports files that do not exist.
const { PrismaClientTsGenerator } = createRequire(import.meta.url)('@prisma/client-generator-ts')

/** Writes server/generated. */
export async function compileClient() {
  const schemaContext = await internals.loadSchemaContext({
    schemaPath: { cliProvidedPath: join(ROOT, 'prisma/schema.prisma') },
    printLoadMessage: false,
  })
  const generators = await internals.getGenerators({
    schemaContext,
    registry: { 'prisma-client': { type: 'in-process', generator: new PrismaClientTsGenerator() } },
    skipDownload: true,
    printDownloadProgress: false,
    cliCommand: 'generate',
  })
  for (const generator of generators) {
    await generator.generate()
    generator.stop()
  }
}
