/**
 * Exchanges the reports of nodes at regular intervals. From these a node learns which nodes have died and whether messages were lost,
 * without Redis.
 */
import type { After } from '../base/timer.ts'
import type { Cluster } from './cluster.ts'
import type { NodeReport, NodeRow } from './node-table.ts'

/** Real ms between two exchanges. */
const INTERVAL_MS = 2_000
/**
 * A node counts as dead when its report has not changed in this many consecutive exchanges. Exchanges are counted instead of time,
 * because no node can report while the database is unavailable.
 */
const MAX_UNCHANGED = 5
/** Real ms after which a message that has not arrived counts as lost. */
const ARRIVAL_MS = 500
/** Real ms for which the last row of a dead node may still appear in the log, because the database executes its write late. */
const LAST_ROW_MS = 10_000

/** What the heartbeat depends on. */
export interface HeartbeatDeps {
  readonly cluster: Cluster
  readonly now: () => Date
  readonly after: After
  readonly readParticipants: () => NodeReport['participants']
  /** Called for each new report of another node. */
  readonly onReport: (report: NodeReport) => void
  /** Called once for each node that has died. */
  readonly onDeath: (node: string) => void
}

/** Running exchanges. */
export interface Heartbeat {
  /** Reads the reports now, between two exchanges. Rejects if the database is unavailable. */
  refresh(): Promise<void>
  stop(): void
}

/** Starts the exchanges. Does nothing for a single node. */
export function startHeartbeat({ cluster, now, after, readParticipants, onReport, onDeath }: HeartbeatDeps): Heartbeat {
  const { table } = cluster
  if (!table) return { refresh: async () => {}, stop: () => {} }
  const known = new Map<string, { row: NodeRow; unchanged: number }>()
  /** Ms since 1970: until then every exchange has the log read again. */
  let lastRowsUntil = 0
  let stopped = false
  let cancel = () => {}

  const exchangeReports = () =>
    table.exchange({ node: cluster.node, sentCount: cluster.countSent(), participants: readParticipants() })

  const takeReport = (row: NodeRow) => {
    known.set(row.node, { row, unchanged: 0 })
    onReport(row)
  }
  const isNew = ({ node, version }: NodeRow) => known.get(node)?.row.version !== version

  const processRows = (rows: readonly NodeRow[]) => {
    const byNode = new Map(rows.map((row) => [row.node, row]))
    for (const [node, { row }] of known) if (!byNode.has(node)) byNode.set(node, row)
    for (const [node, row] of byNode) {
      const before = known.get(node)
      if (!before || isNew(row)) takeReport(row)
      else if (++before.unchanged === MAX_UNCHANGED) {
        lastRowsUntil = now().getTime() + LAST_ROW_MS
        onDeath(node)
      } else if (before.unchanged > MAX_UNCHANGED && !rows.includes(row)) {
        known.delete(node)
        cluster.forgetNode(node)
      }
    }
    if (now().getTime() < lastRowsUntil) cluster.reportLoss()
  }

  const exchange = async () => {
    try {
      const rows = await exchangeReports()
      if (stopped) return
      processRows(rows)
      after(ARRIVAL_MS, () => rows.forEach(({ node, sentCount }) => cluster.expectMessages(node, sentCount)))
    } catch {
      // The database is unavailable: there are no reports, and nothing can be concluded from that.
    }
    if (!stopped) cancel = after(INTERVAL_MS, () => void exchange())
  }
  void exchange()

  return {
    async refresh() {
      // Those that have not changed are not counted: this is no regular exchange.
      for (const row of await exchangeReports()) if (!stopped && isNew(row)) takeReport(row)
    },
    stop() {
      stopped = true
      cancel()
    },
  }
}
