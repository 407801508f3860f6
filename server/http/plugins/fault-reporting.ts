/**
 * What has gone wrong inside, told to whoever runs the server: in full, except while the database answers nobody. Then one line says
 * so and one that it is back, however much is asked of it meanwhile.
 */
import plugin from 'fastify-plugin'
import { after } from '../../base/timer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells of an error that is nobody's but the server's own. */
    fault(error: unknown): void
  }
}

export interface FaultReportingOptions {
  /** Rejects where the database does not answer. */
  readonly ping: () => Promise<unknown>
  /** Hears the lines. */
  readonly warn: (line: string) => void
}

/** Real ms. */
const POLL_INTERVAL_MS = 1_000

export const faultReporting = plugin<FaultReportingOptions>(
  (app, { ping, warn }, done) => {
    let databaseDown = false
    /** Errors that have come since the database is being asked; null while it is not. */
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
