/** Nodes that hear each other within one process; the wire between them can be cut. */
import { createCluster, type Cluster } from '../../server/nodes/cluster.ts'

export interface TestCluster {
  /** A node more. */
  join(): Cluster
  /** From now on messages are lost. */
  cut(): void
  /** They no longer are, and every node hears that some were. */
  mend(): void
}

export function testCluster(): TestCluster {
  const nodes: ReturnType<typeof createCluster>[] = []
  let whole = true
  return {
    join() {
      const send = (text: string) => {
        if (whole) for (const node of nodes) node.receive(text)
      }
      const node = createCluster({ shared: true, send, stop: async () => void nodes.splice(nodes.indexOf(node), 1) })
      nodes.push(node)
      return node.cluster
    },
    cut: () => void (whole = false),
    mend() {
      whole = true
      for (const node of nodes) node.gap()
    },
  }
}
