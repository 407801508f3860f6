/**
 * Measures a node as lessons use it: thousands of pairs, each of which acts every few seconds. The reference is the bare relay of
 * `classroom.ts` with the same clients. It also measures how long it takes until all of them have joined, and the memory of a pair.
 */
import { buildBench, isPinned, startSystem } from './processes.ts'
import type { ServerKind } from './messages.ts'

export interface Options {
  readonly pairs: number
  /** Seconds of each measurement. */
  readonly seconds: number
}

/** Real ms between two acts of a pair. */
const INTERVAL_MS = 3_000
/** Real seconds before the measurement, until the code is compiled by the JIT. */
const WARM_UP_SECONDS = 10

export async function benchPaced({ pairs, seconds }: Options): Promise<void> {
  await buildBench()
  console.log(isPinned ? 'Server and database on one core, load on another.' : 'Nothing pinned.')
  console.log(`${pairs} pairs, an act of each every ${INTERVAL_MS / 1000} s; ${seconds} s each\n`)
  console.log(
    'what         joined s   acts/s    p50 ms    p99 ms   server µs/act   database µs   load busy   RSS MB   kB a pair   heap kB a pair',
  )
  for (const kind of ['relay', 'classroom'] as const) await measure(kind, pairs, seconds)
}

async function measure(kind: ServerKind, pairs: number, seconds: number): Promise<void> {
  const system = await startSystem(kind, pairs, INTERVAL_MS)
  try {
    const joined = await system.waitUntilJoined()
    await system.measure(WARM_UP_SECONDS)
    const { measured, usage, seconds: took } = await system.measure(seconds)
    const { rss, heap } = await system.readMemory()
    const { cpu, database, loadBusy } = usage
    console.log(
      [
        kind.padEnd(12),
        joined.toFixed(1).padStart(8),
        (measured.acts / took).toFixed(0).padStart(8),
        measured.p50.toFixed(1).padStart(9),
        measured.p99.toFixed(1).padStart(9),
        cpu.toFixed(0).padStart(15),
        (database?.cpu ?? 0).toFixed(0).padStart(13),
        `${(100 * loadBusy).toFixed(0)} %`.padStart(11),
        (rss / 1e6).toFixed(0).padStart(8),
        ((rss - system.emptyMemory.rss) / pairs / 1e3).toFixed(0).padStart(11),
        ((heap - system.emptyMemory.heap) / pairs / 1e3).toFixed(0).padStart(16),
      ].join(' '),
    )
    if (kind === 'classroom' && measured.refused > 0)
      throw new Error(`${measured.refused} actions were not accepted (${measured.refusal}): the numbers above are worth nothing`)
  } finally {
    await system.end()
  }
}
