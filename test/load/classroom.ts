/**
 * Measures accepted actions per second, judged and durable. The references are a bare Socket.IO relay with the same number and
 * size of messages, and a relay that writes the same rows first. Closed loop: each pair plays as fast as it is answered. The
 * servers are measured in turn, several times.
 */
import { buildBench, isPinned, startSystem, type Usage } from './processes.ts'
import { recordRound, type Exchange } from './exchange.ts'
import { SERVERS, type Measured, type ServerKind } from './messages.ts'

export interface Options {
  /** Seconds of each measurement. */
  readonly seconds: number
  /** Measurements of each kind. */
  readonly times: number
  readonly pairs: readonly number[]
}

/** What is aimed at with so many pairs, as multiples of the bare relay's processor time an act and of its rate. */
const AIMS: { readonly [pairs: number]: { readonly cpu: number; readonly rate: number } } = {
  50: { cpu: 4, rate: 0.25 },
  500: { cpu: 3, rate: 0.33 },
}

/** Acts that are played before the measurement, until the code is compiled by the JIT. */
const WARM_UP_ACTS = 10_000

interface Result extends Measured, Usage {
  readonly rate: number
}

export async function benchClassroom({ seconds, times, pairs: pairings }: Options): Promise<void> {
  await buildBench()
  console.log(isPinned ? 'Server and database on one core, load on another.' : 'Nothing pinned.')
  console.log(`${times} × ${seconds} s each, in turn; closed loop; medians\n`)
  await printMessageSizes()
  console.log(
    'pairs  what             actions/s    p50 ms    p99 ms   server µs/action   load busy   of the relay   database µs   CPU × relay   row B   WAL B',
  )

  for (const pairs of pairings) {
    const results: { [K in ServerKind]: Result[] } = { relay: [], 'writing relay': [], classroom: [] }
    for (let i = 0; i < times; i++) for (const kind of SERVERS) results[kind].push(await measure(kind, pairs, seconds))
    const median = (kind: ServerKind, of: (result: Result) => number) =>
      results[kind].map(of).sort((a, b) => a - b)[Math.floor(times / 2)] ?? NaN
    for (const kind of SERVERS) {
      const ratio = median(kind, (r) => r.rate) / median('relay', (r) => r.rate)
      console.log(
        [
          String(pairs).padStart(5),
          kind.padEnd(15),
          median(kind, (r) => r.rate)
            .toFixed(0)
            .padStart(10),
          median(kind, (r) => r.p50)
            .toFixed(1)
            .padStart(9),
          median(kind, (r) => r.p99)
            .toFixed(1)
            .padStart(9),
          median(kind, (r) => r.cpu)
            .toFixed(0)
            .padStart(18),
          `${(100 * median(kind, (r) => r.loadBusy)).toFixed(0)} %`.padStart(11),
          ratio.toFixed(2).padStart(14),
          median(kind, ({ database }) => database?.cpu ?? 0)
            .toFixed(0)
            .padStart(13),
          (median(kind, totalCpu) / median('relay', totalCpu)).toFixed(2).padStart(13),
          median(kind, ({ database }) => database?.rowBytes ?? 0)
            .toFixed(0)
            .padStart(7),
          median(kind, ({ database }) => database?.walBytes ?? 0)
            .toFixed(0)
            .padStart(7),
        ].join(' '),
      )
    }
    const aim = AIMS[pairs]
    if (aim) {
      const cpu = median('classroom', totalCpu) / median('relay', totalCpu)
      const rate = median('classroom', (r) => r.rate) / median('relay', (r) => r.rate)
      const verdict = (isMet: boolean) => (isMet ? 'met' : 'missed')
      console.log(
        `aims: at most ${aim.cpu} × the relay's CPU (${cpu.toFixed(2)}): ${verdict(cpu <= aim.cpu)}; ` +
          `at least ${aim.rate} of its rate (${rate.toFixed(2)}): ${verdict(rate >= aim.rate)}\n`,
      )
    }
    const refused = results.classroom.filter((result) => result.refused > 0)
    for (const result of refused) console.log(`${result.refused} actions were not accepted: ${result.refusal}`)
    if (refused.length > 0) throw new Error('the numbers above are worth nothing')
  }
}

const totalCpu = ({ cpu, database }: Result) => cpu + (database?.cpu ?? 0)

/** Prints the size of an act's messages to each seat, in octets of JSON. */
async function printMessageSizes(): Promise<void> {
  const round = await recordRound()
  const sizes = (of: (exchange: Exchange) => unknown) => round.map((exchange) => Buffer.byteLength(JSON.stringify(of(exchange))))
  const describe = (octets: readonly number[]) =>
    `${(octets.reduce((sum, n) => sum + n, 0) / octets.length).toFixed(0)} on average, ${Math.max(...octets)} at most`
  console.log(`octets of a reply ${describe(sizes(({ own }) => ({ ok: true, views: own })))}`)
  console.log(
    `octets of the partner's view ${describe(sizes(({ entry, partner }) => ({ round: entry.roundId, view: partner })))}\n`,
  )
}

async function measure(kind: ServerKind, pairs: number, seconds: number): Promise<Result> {
  const system = await startSystem(kind, pairs)
  try {
    await system.playActs(WARM_UP_ACTS)
    const { measured, usage, seconds: took } = await system.measure(seconds)
    return { ...measured, ...usage, rate: measured.acts / took }
  } finally {
    await system.end()
  }
}
