/** A cluster of nodes within one process. The connection between them can be interrupted. */
import { createCluster, type Cluster } from '../../server/nodes/cluster.ts'
import type { NodeRow, NodeTable } from '../../server/nodes/node-table.ts'

/** The table of nodes, in memory. */
export function createMemoryNodeTable(): NodeTable {
  const rows = new Map<string, NodeRow>()
  return {
    async exchange(own) {
      rows.set(own.node, structuredClone({ ...own, version: (rows.get(own.node)?.version ?? 0) + 1 }))
      return structuredClone([...rows.values()].filter(({ node }) => node !== own.node))
    },
  }
}

/** Nodes that exchange messages directly. */
export interface TestCluster {
  /** Adds a node. `warn` receives its lines for the operator. */
  join(warn?: (line: string) => void): Cluster
  /** Interrupts the connection: messages are lost from now on. */
  cut(): void
  /** Restores the connection. */
  restore(): void
  /** Restores the connection and reports to every node that messages were lost. */
  mend(): void
  /** Whether the table of nodes cannot be reached. */
  tableFails: boolean
}

/** An empty cluster. */
export function testCluster(): TestCluster {
  const nodes: ReturnType<typeof createCluster>[] = []
  const inner = createMemoryNodeTable()
  let connected = true
  const cluster: TestCluster = {
    tableFails: false,
    join(warn) {
      const table: NodeTable = {
        exchange: async (own) => {
          if (cluster.tableFails) throw new Error('the database is away')
          return inner.exchange(own)
        },
      }
      const send = (text: string) => {
        if (connected) for (const node of nodes) node.receive(text)
      }
      const node = createCluster({
        table,
        send,
        stop: async () => void nodes.splice(nodes.indexOf(node), 1),
        ...(warn ? { warn } : {}),
      })
      nodes.push(node)
      return node.cluster
    },
    cut: () => void (connected = false),
    restore: () => void (connected = true),
    mend() {
      cluster.restore()
      for (const node of nodes) node.cluster.reportLoss()
    },
  }
  return cluster
}
