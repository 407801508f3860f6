/** Identifiers that cannot be guessed. */
import { randomBytes } from 'node:crypto'

/** A new identifier: 16 random bytes in base64url, 22 characters. */
export const newId = (): string => randomBytes(16).toString('base64url')
