/** Metrics of a node for Prometheus. No label contains a name, an id or an address. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Records the metrics of one node and prints them. */
export interface Metrics {
  /** Counts an act that this node has written to a log, by actor and by the verdict's outcome. */
  countAct(actor: string, outcome: string): void
  /** Records the seconds that judging one act took. */
  observeJudging(seconds: number): void
  /** Records the seconds from handing a row to the log until it was stored durably. */
  observeLog(seconds: number): void
  /** Records the number of rows of one INSERT statement of the log. */
  observeBatch(rows: number): void
  /** Records the seconds from judging an act to handing its views to the sockets of this node. */
  observeDelivery(seconds: number): void
  /** Adds a gauge, whose value is read at each scrape. `help` describes it. */
  addGauge(name: string, help: string, read: () => number): void
  /**
   * The media type of what `print` returns: the Prometheus text format, including Node.js's default metrics (event loop, memory,
   * garbage collection).
   */
  readonly contentType: string
  print(): Promise<string>
}

/** Bucket bounds in seconds, from a tenth of a millisecond to ten seconds. */
const BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

/** Creates metrics with a registry of their own. */
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
