/** What the bench's processes say to each other. */
export const SERVERS = ['relay', 'writing relay', 'classroom'] as const
export type ServerKind = (typeof SERVERS)[number]

/** From the server: where it listens. */
export interface Listening {
  readonly url: string
}
/** To any of them: how much processor time have you used so far? The answer, in µs. */
export const CPU = 'cpu'
export interface CpuUsed {
  readonly cpu: number
}

/** To the load: forget what you have measured, and what have you measured since? */
export const BEGIN = 'begin'
export const END = 'end'
export interface Measured {
  readonly acts: number
  readonly refused: number
  /** ms from sending an act to its reply. */
  readonly p50: number
  readonly p99: number
}

export const participant = (pair: number, seat: 'client' | 'server') => `pair-${pair}.${seat}`

/** Answers `CPU`, in any process. */
export function answerCpu(): void {
  process.on('message', (message) => {
    if (message !== CPU) return
    const { user, system } = process.cpuUsage()
    process.send?.({ cpu: user + system } satisfies CpuUsed)
  })
}
