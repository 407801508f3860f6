/** The configuration by the operator: environment variables, read once at start. */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { LOG_LEVELS, type LogLevel } from './logger.ts'

/** The configuration of a node. */
export interface Config {
  /** The TCP port; 0 lets the system choose one. */
  readonly port: number
  readonly host: string
  /** Absolute path of the data directory. Only the embedded database uses it. */
  readonly dataDir: string
  /** `postgresql://…`; null for the embedded database. */
  readonly databaseUrl: string | null
  /** `redis://…`; null for a single node. */
  readonly redisUrl: string | null
  /** The URL that people type, without a trailing slash; null to use the addresses of this machine. */
  readonly baseUrl: string | null
  /**
   * Proxies whose `X-Forwarded-For` is trusted: addresses, ranges such as `10.0.0.0/8`, or names of ranges. If empty, none is
   * trusted.
   */
  readonly trustedProxies: readonly string[]
  /** The level from which messages are logged as JSON; null for plain lines, for warnings and errors only. */
  readonly logLevel: LogLevel | null
  /** The bearer token that Prometheus must send to `GET /metrics`; null disables metrics. */
  readonly metricsToken: string | null
}

/** An unusable value. The message is one line: the variable, what is wrong with it, and what it should be. */
export class ConfigError extends Error {}

/**
 * Reads PORT, HOST, DATA_DIR, DATABASE_URL, REDIS_URL, BASE_URL, TRUST_PROXY, LOG_LEVEL and METRICS_TOKEN. A variable that is
 * unset or empty has its default value. Throws `ConfigError`.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const baseUrl = parseUrl(env, 'BASE_URL', ['http:', 'https:'], 'http://classroom.example.org')
  if (baseUrl && new URL(baseUrl).pathname !== '/') {
    throw new ConfigError(
      `BASE_URL=${baseUrl} has a path; the classroom must be at the root of its address, as in ${new URL(baseUrl).origin}.`,
    )
  }
  return {
    port: parsePort(env.PORT || '8080'),
    host: parseHost(env.HOST || '0.0.0.0'),
    dataDir: resolve(env.DATA_DIR || 'data'),
    databaseUrl: parseUrl(env, 'DATABASE_URL', ['postgresql:', 'postgres:'], 'postgresql://user:password@host:5432/classroom'),
    redisUrl: parseUrl(env, 'REDIS_URL', ['redis:', 'rediss:'], 'redis://host:6379'),
    baseUrl: baseUrl && new URL(baseUrl).origin,
    trustedProxies: parseProxies(env.TRUST_PROXY),
    logLevel: parseLogLevel(env.LOG_LEVEL),
    metricsToken: parseMetricsToken(env.METRICS_TOKEN),
  }
}

function parsePort(value: string): number {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : NaN
  if (number <= 65_535) return number
  throw new ConfigError(`PORT=${value} is not a port; it must be a whole number from 0 to 65535, as in PORT=8080.`)
}

function parseHost(value: string): string {
  if (/^[0-9A-Za-z.:_-]+$/.test(value)) return value
  throw new ConfigError(`HOST=${value} is not a host; it must be an address or a name, as in HOST=0.0.0.0.`)
}

/** Minimum number of characters, so that the secret cannot be guessed. */
const MIN_METRICS_TOKEN_LENGTH = 16

function parseMetricsToken(value: string | undefined): string | null {
  if (!value) return null
  if (value.length >= MIN_METRICS_TOKEN_LENGTH && /^[!-~]+$/.test(value)) return value
  throw new ConfigError(`METRICS_TOKEN must be ${MIN_METRICS_TOKEN_LENGTH} or more printable ASCII characters without spaces.`)
}

function parseLogLevel(value: string | undefined): LogLevel | null {
  if (!value) return null
  const level = LOG_LEVELS.find((each) => each === value)
  if (level) return level
  throw new ConfigError(`LOG_LEVEL=${value} is no level; it must be one of ${LOG_LEVELS.join(', ')}.`)
}

/** Names of address ranges in proxy-addr: loopback, link-local addresses, private networks. */
const RANGE_NAMES = ['loopback', 'linklocal', 'uniquelocal']

function parseProxies(value = ''): string[] {
  const proxies = value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  const wrong = proxies.find((proxy) => {
    const [address = '', bits, ...more] = proxy.split('/')
    const most = isIP(address) === 4 ? 32 : 128
    const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
    return !RANGE_NAMES.includes(proxy) && !(isIP(address) && fits && more.length === 0)
  })
  if (wrong === undefined) return proxies
  throw new ConfigError(
    `TRUST_PROXY=${value} holds ${wrong}, which is no address; it must be addresses or ranges, as in TRUST_PROXY=192.0.2.7,10.0.0.0/8, or ${RANGE_NAMES.join(', ')}.`,
  )
}

function parseUrl(
  env: Record<string, string | undefined>,
  name: string,
  protocols: readonly string[],
  example: string,
): string | null {
  const value = env[name]
  if (!value) return null
  if (URL.canParse(value) && protocols.includes(new URL(value).protocol) && new URL(value).hostname) return value
  // The message does not repeat the value, which may contain a password.
  throw new ConfigError(`${name} is not an address that can be used; it must look like ${example}.`)
}
