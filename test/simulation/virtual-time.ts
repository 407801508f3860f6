/**
 * Time that passes only from one event to the next, and random numbers from a seed. Events run in the order of their times;
 * events of the same time run in an order that the seed determines. Before the next event runs, all promises that the last one
 * has settled have been processed.
 */
import { createHash } from 'node:crypto'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import type { After } from '../../server/base/timer.ts'

interface Event {
  readonly at: number
  readonly tie: number
  readonly label: string
  readonly run: () => void
  cancelled: boolean
}

/** The number of lines that the trace keeps; older ones are dropped. */
const MAX_TRACE = 400

export class VirtualTime {
  readonly random: () => number
  #ms = Date.parse('2026-01-05T08:00:00.000Z')
  readonly #start = this.#ms
  readonly #queue = new EventQueue()
  readonly #digest = createHash('sha256')
  readonly #trace: string[] = []
  /** The number of events that have run. */
  steps = 0

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  readonly now = (): Date => new Date(this.#ms)

  /** Ms since the simulation started. */
  get elapsed(): number {
    return this.#ms - this.#start
  }

  /** Runs `run` once, after `ms`. The returned function cancels it. */
  schedule(ms: number, label: string, run: () => void): () => void {
    const event: Event = { at: this.#ms + Math.max(0, Math.round(ms)), tie: this.random(), label, run, cancelled: false }
    this.#queue.push(event)
    return () => void (event.cancelled = true)
  }

  readonly after =
    (label: string): After =>
    (ms, run) =>
      this.schedule(ms, label, run)

  /** Runs the next event and everything that immediately follows from it. False if there is no event. */
  async step(): Promise<boolean> {
    const event = this.#queue.pop()
    if (!event) return false
    this.#ms = Math.max(this.#ms, event.at)
    this.steps++
    this.note(event.label)
    event.run()
    await new Promise((resolve) => setImmediate(resolve))
    return true
  }

  /** Adds a line to the trace. It must be the same each time that the seed is played. */
  note(line: string): void {
    const text = `${(this.elapsed / 1000).toFixed(3)} ${line}`
    this.#digest.update(`${text}\n`)
    this.#trace.push(text)
    if (this.#trace.length > 2 * MAX_TRACE) this.#trace.splice(0, MAX_TRACE)
  }

  /** The last lines of the trace. */
  get trace(): readonly string[] {
    return this.#trace.slice(-MAX_TRACE)
  }

  /** The hash of the whole trace. Nothing may be noted afterwards. */
  digest(): string {
    return this.#digest.digest('hex')
  }

  // Random choices for people and networks.

  chance(probability: number): boolean {
    return this.random() < probability
  }

  between([min, max]: readonly [min: number, max: number]): number {
    return min + this.random() * (max - min)
  }

  /** Throws if there is nothing to choose from. */
  oneOf<T>(choice: readonly T[]): T {
    if (choice.length === 0) throw new Error('nothing to choose from')
    return choice[Math.floor(this.random() * choice.length)] as T
  }
}

/** A binary heap, ordered by time. */
class EventQueue {
  readonly #events: Event[] = []

  push(event: Event): void {
    const events = this.#events
    let i = events.push(event) - 1
    for (let parent = (i - 1) >> 1; i > 0 && isBefore(event, events[parent]!); parent = (i - 1) >> 1) {
      events[i] = events[parent]!
      i = parent
    }
    events[i] = event
  }

  /** Removes and returns the first event that has not been cancelled. */
  pop(): Event | undefined {
    for (;;) {
      const first = this.#events[0]
      const last = this.#events.pop()
      if (!first || !last) return undefined
      if (this.#events.length > 0) this.#sink(last)
      if (!first.cancelled) return first
    }
  }

  #sink(event: Event): void {
    const events = this.#events
    let i = 0
    for (let child = 1; child < events.length; child = 2 * i + 1) {
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child++
      if (isBefore(event, events[child]!)) break
      events[i] = events[child]!
      i = child
    }
    events[i] = event
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.tie < b.tie)
