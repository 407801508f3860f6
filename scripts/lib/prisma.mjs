/**
 * Prisma's client, made from prisma/schema.prisma into server/generated: by what Prisma's own command line does it with. The rest of that
 * command line, a studio, a database and more, would be a third of an installation.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import internals from '@prisma/internals'
import { ROOT } from './run.mjs'

// Its ES module looks for files that are not there.
const { PrismaClientTsGenerator } = createRequire(import.meta.url)('@prisma/client-generator-ts')

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
