/**
 * Reports internal errors to the operator, once for each cause: one line when the database becomes unavailable and one when it is
 * back, a clear message for a full disk, and a repeated error at most once a minute.
 */
import plugin from 'fastify-plugin'
import { after } from '../../base/timer.ts'
import { readSqlState } from '../../database/sql-state.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Reports an unexpected error. */
    fault(error: unknown): void
  }
}

export interface FaultReportingOptions {
  /** Rejects if the database does not answer. */
  readonly ping: () => Promise<unknown>
  /**
   * Whether to report that the database is unavailable or back. False for the embedded database: if it stops, the server stops as
   * well and prints the reason.
   */
  readonly reportsDatabase: boolean
}

/** Real ms. */
const POLL_INTERVAL_MS = 1_000
const REPEAT_AFTER_MS = 60_000

/** Messages by SQLSTATE (PostgreSQL documentation, appendix A). */
const CAUSES: Readonly<Record<string, string>> = {
  '53100': 'The disk of the database is full: nothing is accepted until there is room again. What was acknowledged is safe.',
  '25006': 'The database takes no writes (it is read-only): nothing is accepted until it does.',
}

export const faultReporting = plugin<FaultReportingOptions>(
  (app, { ping, reportsDatabase }, done) => {
    let databaseDown = false
    /** Errors held back while the database is being checked; null otherwise. */
    let heldErrors: unknown[] | null = null
    let cancelPoll = () => {}
    /** The messages that were reported within the last minute. */
    const recentlyTold = new Set<string>()

    const tell = (error: unknown) => {
      const cause = CAUSES[readSqlState(error) ?? '']
      const key = cause ?? String(error)
      if (recentlyTold.has(key)) return
      recentlyTold.add(key)
      after(REPEAT_AFTER_MS, () => recentlyTold.delete(key))
      if (cause !== undefined) app.log.warn(cause)
      else app.log.error({ err: error })
    }
    const checkDatabase = async () => {
      const answers = await ping().then(
        () => true,
        () => false,
      )
      if (answers) heldErrors?.forEach(tell)
      else {
        databaseDown = true
        if (reportsDatabase) app.log.warn('The database does not answer: what needs it is answered "unavailable" until it is back.')
        pollUntilBack()
      }
      heldErrors = null
    }
    const pollUntilBack = () => {
      cancelPoll = after(POLL_INTERVAL_MS, () => {
        ping().then(() => {
          databaseDown = false
          if (reportsDatabase) app.log.warn('The database is back.')
        }, pollUntilBack)
      })
    }

    app.decorate('fault', (error: unknown) => {
      if (databaseDown) return
      if (heldErrors) return void heldErrors.push(error)
      heldErrors = [error]
      void checkDatabase()
    })
    app.addHook('onClose', () => cancelPoll())
    done()
  },
  { name: 'faults' },
)
