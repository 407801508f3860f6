/**
 * What has gone wrong inside, told to whoever runs the server: in full, except while the database answers nobody. Then one line says
 * so and one that it is back, however much is asked of it meanwhile.
 */
import plugin from 'fastify-plugin'
import { after } from '../timer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells of an error that is nobody's but the server's own. */
    fault(error: unknown): void
  }
}

export interface FaultsOptions {
  /** Rejects where the database does not answer. */
  readonly ping: () => Promise<unknown>
  /** Hears the lines. */
  readonly warn: (line: string) => void
}

/** Real ms. */
const ASK_EVERY = 1_000

export const faults = plugin<FaultsOptions>(
  (app, { ping, warn }, done) => {
    let away = false
    /** Errors that have come since the database is being asked; null while it is not. */
    let doubted: unknown[] | null = null
    let callOff = () => {}

    const look = async () => {
      const answers = await ping().then(
        () => true,
        () => false,
      )
      if (answers) for (const error of doubted ?? []) app.log.error(error)
      else {
        away = true
        warn('The database does not answer: what needs it is answered "unavailable" until it is back.')
        askAgain()
      }
      doubted = null
    }
    const askAgain = () => {
      callOff = after(ASK_EVERY, () => {
        ping().then(() => {
          away = false
          warn('The database is back.')
        }, askAgain)
      })
    }

    app.decorate('fault', (error: unknown) => {
      if (away) return
      if (doubted) return void doubted.push(error)
      doubted = [error]
      void look()
    })
    app.addHook('onClose', () => callOff())
    done()
  },
  { name: 'faults' },
)
