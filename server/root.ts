/** Where this installation lies: the same directory for the sources and for the bundle in dist/. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const find = (directory: string): string => (existsSync(join(directory, 'package.json')) ? directory : find(dirname(directory)))

/** The directory of package.json. */
export const ROOT = find(dirname(fileURLToPath(import.meta.url)))
