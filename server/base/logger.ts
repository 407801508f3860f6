/**
 * The server's log, on standard error. Without LOG_LEVEL each message is one plain line; with it, each is one JSON object (pino).
 * Neither contains names, tokens, cookies or bodies: a request is logged as the pattern of its route, an error as its message and
 * stack.
 */
import pino from 'pino'

/** The values of LOG_LEVEL. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type Logger = pino.Logger

/**
 * The parts of a request that may be logged. `routeOptions.url` is the pattern, such as `/api/replays/:link`; the actual URL may
 * contain a token.
 */
interface LoggedRequest {
  readonly method: string
  readonly routeOptions?: { readonly url?: string | undefined }
}

/** An error without its enumerable properties, because PostgreSQL puts values of the row into `detail`. */
function serializeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { code } = error as { code?: unknown }
  return { type: error.name, message: error.message, ...(code === undefined ? {} : { code }), stack: error.stack }
}

/** Creates a logger. If `level` is null, it writes plain lines, for `warn` and above. */
export function createLogger(
  level: LogLevel | null,
  write: (text: string) => void = (text) => void process.stderr.write(text),
): Logger {
  const serializers = {
    err: serializeError,
    req: ({ method, routeOptions }: LoggedRequest) => ({ method, route: routeOptions?.url ?? null }),
  }
  if (level !== null) return pino({ level, serializers }, { write })
  return pino({ level: 'warn', serializers }, { write: (line) => write(toPlainText(JSON.parse(line) as PlainRecord)) })
}

interface PlainRecord {
  readonly msg?: string
  readonly err?: { readonly message: string; readonly stack?: string }
}

/** The message on one line; for an error that is logged as an object, its stack. */
const toPlainText = ({ msg, err }: PlainRecord): string => `${err ? (err.stack ?? err.message) : (msg ?? '')}\n`
