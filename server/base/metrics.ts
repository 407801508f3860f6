/** What a node counts and measures, for Prometheus. No label holds a name, an id or an address. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  /** Acts that this node has taken into a log, by who acted and what the judge answered. */
  countAct(actor: string, outcome: string): void
  /** Seconds that judging one act took. */
  observeJudging(seconds: number): void
  /** Seconds from handing a row to the log until it was on the disk. */
  observeLog(seconds: number): void
  /** Rows of one statement. */
  observeBatch(rows: number): void
  /** Seconds from judging an act to handing its views to the sockets of this node. */
  observeDelivery(seconds: number): void
  /** A number that is read whenever somebody asks: `help` says of what. */
  addGauge(name: string, help: string, read: () => number): void
  /** In the text format of Prometheus, with what Node itself tells: event loop, memory, garbage collection. */
  readonly contentType: string
  print(): Promise<string>
}

/** Seconds: from a tenth of a millisecond to ten seconds. */
const BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const seconds = (name: string, help: string) => new Histogram({ name, help, buckets: BUCKETS, registers })

  const acts = new Counter({
    name: 'handshake_acts_total',
    help: 'Acts by actor and outcome',
    labelNames: ['actor', 'outcome'],
    registers,
  })
  const judging = seconds('handshake_judge_seconds', 'Time to judge an act')
  const log = seconds('handshake_log_seconds', 'Time from handing a row to the log until it is stored')
  const delivery = seconds('handshake_delivery_seconds', 'Time from judging an act to handing its views to the sockets')
  const batches = new Histogram({
    name: 'handshake_log_batch_rows',
    help: 'Rows of one statement of the log',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers,
  })

  return {
    countAct: (actor, outcome) => acts.inc({ actor, outcome }),
    observeJudging: (value) => judging.observe(value),
    observeLog: (value) => log.observe(value),
    observeBatch: (rows) => batches.observe(rows),
    observeDelivery: (value) => delivery.observe(value),
    addGauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read())
        },
      })
    },
    contentType: registry.contentType,
    print: () => registry.metrics(),
  }
}
