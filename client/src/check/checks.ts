/** Tests on this device and network for everything that a lesson needs. */
import { io } from 'socket.io-client'
import type { Failure } from '../../../contract/answers.ts'
import type { SocketAuth } from '../../../contract/events.ts'
import { WIRE_VERSION } from '../../../contract/wire-version.ts'
import { findFinalError, SOCKET_OPTIONS } from '../lib/socket.ts'
import { keepsCookies } from '../lib/cookies.ts'
import { browserStorage, readStorage, writeStorage } from '../lib/storage.ts'

/** The checks, in the order in which the page lists them. */
export const CHECKS = ['pages', 'websocket', 'polling', 'storage', 'cookies', 'clock'] as const
export type CheckName = (typeof CHECKS)[number]

export interface CheckResult {
  readonly isPassed: boolean
  /** `clock` only: the error of this device's clock in minutes. */
  readonly minutes?: number
}

/** The largest clock error, in real ms, that passes. */
const MAX_CLOCK_ERROR_MS = 2 * 60_000
const PROBE = 'check'

/**
 * Connects as an unknown participant, which the server refuses: even that answer proves that messages pass in both directions.
 */
const tryTransport = (transport: 'websocket' | 'polling'): Promise<CheckResult> =>
  new Promise((resolve) => {
    const socket = io({
      ...SOCKET_OPTIONS,
      auth: { participant: PROBE, wire: WIRE_VERSION } satisfies SocketAuth,
      transports: [transport],
      reconnection: false,
    })
    const settle = (isPassed: boolean) => {
      socket.disconnect()
      clearTimeout(timer)
      resolve({ isPassed })
    }
    // A proxy may let the handshake pass and drop what follows.
    const timer = setTimeout(() => settle(false), 2 * SOCKET_OPTIONS.timeout)
    socket.on('connect', () => settle(true))
    socket.on('connect_error', (error: Error & { data?: Partial<Failure> }) => settle(findFinalError(error) !== null))
  })

async function askServer(): Promise<{ readonly pages: CheckResult; readonly clock: CheckResult | null }> {
  try {
    const response = await fetch('/healthz', { cache: 'no-store' })
    const errorMs = Date.now() - Date.parse(response.headers.get('date') ?? '')
    const clock = { isPassed: Math.abs(errorMs) <= MAX_CLOCK_ERROR_MS, minutes: Math.round(Math.abs(errorMs) / 60_000) }
    return { pages: { isPassed: response.ok }, clock: Number.isNaN(errorMs) ? null : clock }
  } catch {
    return { pages: { isPassed: false }, clock: null }
  }
}

const tryStorage = (): CheckResult => {
  writeStorage(browserStorage, PROBE, PROBE)
  const isPassed = readStorage(browserStorage, PROBE) === PROBE
  writeStorage(browserStorage, PROBE, null)
  return { isPassed }
}

/** Runs all checks and reports each result at once; resolves after the last. `clock` fails if the server does not answer. */
export async function runChecks(tell: (name: CheckName, result: CheckResult) => void): Promise<void> {
  tell('storage', tryStorage())
  tell('cookies', { isPassed: keepsCookies() })
  await Promise.all([
    askServer().then(({ pages, clock }) => {
      tell('pages', pages)
      tell('clock', clock ?? { isPassed: false })
    }),
    ...(['websocket', 'polling'] as const).map(async (transport) => tell(transport, await tryTransport(transport))),
  ])
}

export type CheckResults = { readonly [N in CheckName]?: CheckResult }

/** `well`: all checks passed. `able`: some failed, but the device can take part. `unable`: it cannot. Null while checks are running. */
export function judgeResults(results: CheckResults): 'well' | 'able' | 'unable' | null {
  if (CHECKS.some((name) => !results[name])) return null
  const passes = (name: CheckName) => results[name]?.isPassed === true
  if (CHECKS.every(passes)) return 'well'
  return passes('pages') && passes('cookies') && (passes('websocket') || passes('polling')) ? 'able' : 'unable'
}
