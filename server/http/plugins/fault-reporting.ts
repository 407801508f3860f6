/**
 * Reports internal errors to the operator. While the database is down, one line says so and one that it is back, instead of an error for
 * each request.
 */
import plugin from 'fastify-plugin'
import { after } from '../../base/timer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Reports an unexpected error. */
    fault(error: unknown): void
  }
}

export interface FaultReportingOptions {
  /** Rejects where the database does not answer. */
  readonly ping: () => Promise<unknown>
  /** Is called with one line. */
  readonly warn: (line: string) => void
}

/** Real ms. */
const POLL_INTERVAL_MS = 1_000

export const faultReporting = plugin<FaultReportingOptions>(
  (app, { ping, warn }, done) => {
    let databaseDown = false
    /** Errors held back while the database is being checked; null otherwise. */
    let heldErrors: unknown[] | null = null
    let cancelPoll = () => {}

    const checkDatabase = async () => {
      const answers = await ping().then(
        () => true,
        () => false,
      )
      if (answers) for (const error of heldErrors ?? []) app.log.error(error)
      else {
        databaseDown = true
        warn('The database does not answer: what needs it is answered "unavailable" until it is back.')
        pollUntilBack()
      }
      heldErrors = null
    }
    const pollUntilBack = () => {
      cancelPoll = after(POLL_INTERVAL_MS, () => {
        ping().then(() => {
          databaseDown = false
          warn('The database is back.')
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
