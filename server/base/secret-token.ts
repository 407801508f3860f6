/** Secrets that are handed out once and kept only as their hash. */
import { createHash, randomBytes } from 'node:crypto'

/** A new secret: 32 random bytes in base64url, 43 characters. */
export const newSecretToken = (): string => randomBytes(32).toString('base64url')

/** What is stored of a secret: its SHA-256, hexadecimal. */
export const hashSecretToken = (token: string): string => createHash('sha256').update(token).digest('hex')
