/**
 * What the server tells its operator, on standard error. Without LOG_LEVEL each message is one plain line; with it, one JSON object
 * (pino). Neither holds names, tokens, cookies or bodies: requests are told by the pattern of their route, errors by what they say.
 */
import pino from 'pino'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type Logger = pino.Logger

/** What of a request may be told. `routeOptions.url` is the pattern, such as `/api/replays/:link`; the address itself may hold a token. */
interface LoggedRequest {
  readonly method: string
  readonly routeOptions?: { readonly url?: string | undefined }
}

/** An error without its enumerable properties: PostgreSQL puts values of the row into `detail`. */
function serializeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { code } = error as { code?: unknown }
  return { type: error.name, message: error.message, ...(code === undefined ? {} : { code }), stack: error.stack }
}

/** `level` null: plain lines, from `warn` on. */
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

/** One line; for an error that nobody has foreseen, where it happened as well. */
const toPlainText = ({ msg, err }: PlainRecord): string => `${err ? (err.stack ?? err.message) : (msg ?? '')}\n`
