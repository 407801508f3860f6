/** Nodes that hear each other within one process; the wire between them can be cut. */
import { createCluster, type Cluster } from '../../server/nodes/cluster.ts'
import type { NodeRow, NodeTable } from '../../server/nodes/node-table.ts'

/** What nodes say of themselves, in memory. */
export function createMemoryNodeTable(): NodeTable {
  const rows = new Map<string, NodeRow>()
  return {
    async exchange(own) {
      rows.set(own.node, structuredClone({ ...own, version: (rows.get(own.node)?.version ?? 0) + 1 }))
      return structuredClone([...rows.values()].filter(({ node }) => node !== own.node))
    },
  }
}

export interface TestCluster {
  /** A node more. */
  join(): Cluster
  /** From now on messages are lost. */
  cut(): void
  /** They no longer are. */
  restore(): void
  /** The same, and every node hears that some were. */
  mend(): void
  /** What nodes say of themselves can be neither written nor read. */
  tableFails: boolean
}

export function testCluster(): TestCluster {
  const nodes: ReturnType<typeof createCluster>[] = []
  const inner = createMemoryNodeTable()
  let whole = true
  const cluster: TestCluster = {
    tableFails: false,
    join() {
      const table: NodeTable = {
        exchange: async (own) => {
          if (cluster.tableFails) throw new Error('the database is away')
          return inner.exchange(own)
        },
      }
      const send = (text: string) => {
        if (whole) for (const node of nodes) node.receive(text)
      }
      const node = createCluster({ table, send, stop: async () => void nodes.splice(nodes.indexOf(node), 1) })
      nodes.push(node)
      return node.cluster
    },
    cut: () => void (whole = false),
    restore: () => void (whole = true),
    mend() {
      cluster.restore()
      for (const node of nodes) node.cluster.reportLoss()
    },
  }
  return cluster
}
