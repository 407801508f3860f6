/** Finds the root directory of this installation, which is the same for the sources and for the bundle in dist/. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const findRoot = (directory: string): string =>
  existsSync(join(directory, 'package.json')) ? directory : findRoot(dirname(directory))

/** The directory that contains package.json. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)))
