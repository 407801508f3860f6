/** The transport of messages and storage calls, and its present faults. */
import type { VirtualTime } from './virtual-time.ts'

/** The present fault rates and delays. They change while a lesson is played, as storms come and go. */
export interface Weather {
  /** Virtual ms from which on nothing fails and earlier failures have been recovered from. */
  clearFrom: number
  /** Virtual ms until which the bus between nodes has lost messages. */
  busLosesUntil: number
  /** The shortest and longest delay of a message, in virtual ms. */
  delayMs: readonly [number, number]
  /** The probability that a message is delivered twice. */
  doubling: number
  /** The probability that a storage call fails. */
  failing: number
  /** The shortest and longest delay of a storage call in each direction, in virtual ms. */
  storageMs: readonly [number, number]
}

/**
 * Carries messages in one direction, in order, as a TCP connection does. A duplicate stands for a message that its sender sends
 * again.
 */
export class Pipe {
  readonly #time: VirtualTime
  readonly #weather: Weather
  readonly #label: string
  #lastArrival = 0
  #cut = false

  constructor(time: VirtualTime, weather: Weather, label: string) {
    this.#time = time
    this.#weather = weather
    this.#label = label
  }

  send(what: string, deliver: () => void): void {
    if (this.#cut) return
    this.#carry(what, deliver)
    if (this.#time.chance(this.#weather.doubling)) this.#carry(`${what} again`, deliver)
  }

  /** Discards the messages on their way and all that are sent from now on. */
  cut(): void {
    this.#cut = true
  }

  #carry(what: string, deliver: () => void): void {
    const time = this.#time
    this.#lastArrival = Math.max(this.#lastArrival + 1, Math.round(time.elapsed + time.between(this.#weather.delayMs)))
    time.schedule(this.#lastArrival - time.elapsed, `${this.#label}: ${what}`, () => {
      if (!this.#cut) deliver()
    })
  }
}

/** Calls the shared storage. `what`: a name for the trace. */
export type Call = <T>(what: string, work: () => T | Promise<T>) => Promise<T>

/**
 * Makes the calls of one node to the shared storage slow and unreliable. A call may fail without having been performed, after it
 * was performed, or before it is performed nevertheless: the caller cannot tell which. A crashed node receives no answer.
 */
export const createStorageCall =
  (time: VirtualTime, weather: Weather, node: { readonly name: string; readonly alive: boolean }): Call =>
  (what, work) =>
    new Promise((resolve, reject) => {
      const label = `${node.name} storage: ${what}`
      const way = () => time.between(weather.storageMs)
      const answer = (how: string, settle: () => void) =>
        time.schedule(way(), `${label} ${how}`, () => {
          if (node.alive) settle()
        })
      const fail = () => reject(new Error('the storage does not answer'))
      const how = time.chance(weather.failing) ? time.oneOf(['undone', 'unanswered', 'late'] as const) : 'done'
      if (how === 'undone') return void answer('fails', fail)
      if (how === 'late') answer('fails, for now', fail)
      time.schedule(way() + (how === 'late' ? time.between([50, 4_000]) : 0), `${label} ${how}`, () => {
        const result = Promise.resolve(work())
        result.catch(() => {}) // A rejection is an answer as well.
        if (how === 'done') answer('answers', () => resolve(result))
        else if (how === 'unanswered') answer('loses the answer', fail)
      })
    })
