/** What carries messages, and how badly it does so just now. */
import type { VirtualTime } from './virtual-time.ts'

/** How things are between parts that can fail. It changes while a lesson is played: storms come and go. */
export interface Weather {
  /** Virtual ms from when on nothing fails, and what has failed has been seen to. */
  clearFrom: number
  /** Virtual ms until when the bus between nodes has lost something. */
  busLosesUntil: number
  /** Virtual ms that a message takes, at least and at most. */
  delayMs: readonly [number, number]
  /** How likely a message comes twice. */
  doubling: number
  /** How likely the storage fails, each time. */
  failing: number
  /** Virtual ms that the storage takes for each way. */
  storageMs: readonly [number, number]
}

/** Messages one way, in order, as on a TCP connection. One that comes twice is what a sender sends again. */
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

  /** What is under way is lost, and so is whatever is sent from now on. */
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

export type Call = <T>(what: string, work: () => T | Promise<T>) => Promise<T>

/**
 * Access of one node to what all nodes share. A call may fail without having been done, after it was done, or before it is done all the same:
 * whoever calls cannot tell. A node that has died hears no answer.
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
        result.catch(() => {}) // what it refuses is an answer as well
        if (how === 'done') answer('answers', () => resolve(result))
        else if (how === 'unanswered') answer('loses the answer', fail)
      })
    })
