/** Identifiers that whoever does not know one cannot guess. */
import { randomBytes } from 'node:crypto'

/** 16 random bytes in base64url: 22 characters. */
export const newId = (): string => randomBytes(16).toString('base64url')
