/**
 * Exchanges what nodes say of themselves, regularly: so a node finds out which of the others have died, and that messages of theirs were
 * lost, whatever has become of Redis.
 */
import type { After } from '../base/timer.ts'
import type { Cluster } from './cluster.ts'
import type { NodeReport, NodeRow } from './node-table.ts'

/** Real ms. */
const INTERVAL_MS = 2_000
/**
 * A node has died when its report has stayed the same in so many exchanges in a row. Exchanges and not time: while the database is away,
 * nobody writes one.
 */
const MAX_UNCHANGED = 5
/** Real ms in which a message comes that is not lost. */
const ARRIVAL_MS = 500
/** Real ms in which the last row of a node that has died may still appear in the log: the database may have taken it, and be slow. */
const LAST_ROW_MS = 10_000

export interface HeartbeatDeps {
  readonly cluster: Cluster
  readonly now: () => Date
  readonly after: After
  readonly readParticipants: () => NodeReport['participants']
  /** A node has written a report. */
  readonly onReport: (report: NodeReport) => void
  /** A node has died. */
  readonly onDeath: (node: string) => void
}

/** Returns what stops it. */
export function startHeartbeat({ cluster, now, after, readParticipants, onReport, onDeath }: HeartbeatDeps): () => void {
  const { table } = cluster
  if (!table) return () => {}
  const known = new Map<string, { row: NodeRow; unchanged: number }>()
  /** Real ms since 1970: until then the log is read again each time. */
  let lastRowsUntil = 0
  let stopped = false
  let cancel = () => {}

  const takeRows = (rows: readonly NodeRow[]) => {
    const byNode = new Map(rows.map((row) => [row.node, row]))
    for (const [node, { row }] of known) if (!byNode.has(node)) byNode.set(node, row)
    for (const [node, row] of byNode) {
      const before = known.get(node)
      if (before?.row.version !== row.version) {
        known.set(node, { row, unchanged: 0 })
        onReport(row)
      } else if (++before.unchanged === MAX_UNCHANGED) {
        lastRowsUntil = now().getTime() + LAST_ROW_MS
        onDeath(node)
      } else if (before.unchanged > MAX_UNCHANGED && !rows.includes(row)) {
        known.delete(node)
        cluster.forgetNode(node)
      }
    }
    if (now().getTime() < lastRowsUntil) cluster.reportLoss()
  }

  const beat = async () => {
    try {
      const rows = await table.exchange({ node: cluster.node, sentCount: cluster.sentCount, participants: readParticipants() })
      if (stopped) return
      takeRows(rows)
      after(ARRIVAL_MS, () => rows.forEach(({ node, sentCount }) => cluster.expectMessages(node, sentCount)))
    } catch {
      // The database is away: nobody says anything, and nobody concludes anything from it.
    }
    if (!stopped) cancel = after(INTERVAL_MS, () => void beat())
  }
  void beat()

  return () => {
    stopped = true
    cancel()
  }
}
