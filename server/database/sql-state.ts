/**
 * The SQLSTATE of an error that PostgreSQL reported, such as `53100` (disk full), and that `pg` or Prisma's adapter passed on.
 * Null for any other error.
 */
export function readSqlState(error: unknown): string | null {
  const { code, meta } = error as {
    code?: unknown
    meta?: { driverAdapterError?: { cause?: { originalCode?: string } } }
  }
  const state = meta?.driverAdapterError?.cause?.originalCode ?? code
  return typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state) && !/^P\d{4}$/.test(state) ? state : null
}

/** Whether a write was refused because another row has a value that must be unique. */
export const isUniqueViolation = (error: unknown): boolean => readSqlState(error) === '23505'
