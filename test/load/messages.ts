/** The messages between the bench's processes. */
export const SERVERS = ['relay', 'writing relay', 'classroom'] as const
export type ServerKind = (typeof SERVERS)[number]

/** Sent by the server: where it listens. */
export interface Listening {
  readonly url: string
}

/** Asks a process for the processor time that it has used so far, in µs. */
export const CPU = 'cpu'
export interface CpuUsed {
  readonly cpu: number
}

/** Asks a process for its memory in octets: the resident set, and the heap after a garbage collection. */
export const MEMORY = 'memory'
export interface MemoryUsed {
  readonly rss: number
  readonly heap: number
}

/** Asks the load how many seconds it took until all clients had a place; null if some have none yet. */
export const JOINED = 'joined'
export interface Joined {
  readonly seconds: number | null
}

/** Sent to the load: `BEGIN` resets its measurements, and `END` asks for what it has measured since. */
export const BEGIN = 'begin'
export const END = 'end'
export interface Measured {
  readonly acts: number
  readonly refused: number
  /** The reply to the last act that was not accepted. */
  readonly refusal: string
  /** ms from sending an act to its reply. */
  readonly p50: number
  readonly p99: number
}

export type Question = typeof CPU | typeof MEMORY | typeof JOINED | typeof END

export const participant = (pair: number, seat: 'client' | 'server') => `pair-${pair}.${seat}`

/** Makes any process answer `CPU` and `MEMORY`. */
export function answerUse(): void {
  process.on('message', (message) => {
    if (message === CPU) {
      const { user, system } = process.cpuUsage()
      process.send?.({ cpu: user + system } satisfies CpuUsed)
    }
    if (message === MEMORY) {
      globalThis.gc?.()
      const { rss, heapUsed } = process.memoryUsage()
      process.send?.({ rss, heap: heapUsed } satisfies MemoryUsed)
    }
  })
}

/** Sent by the server under attack: where it listens, and the token of a teacher's link. */
export interface HostileListening extends Listening {
  readonly token: string
}
/** Sent to the server under attack: asks how much memory its process occupies, in octets, and how much processor time it has used, in µs. */
export const USED = 'used'
export interface Used {
  readonly rss: number
  readonly cpu: number
}
/** Sent by the attackers: `READY` when the attack has begun, and, asked by `END`, how many of their connections have been ended. */
export const READY = 'ready'
export interface AttackEnded {
  readonly cut: number
}
