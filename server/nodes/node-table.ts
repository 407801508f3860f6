/**
 * The table in which each node reports about itself every two seconds. It does not depend on Redis: nodes that receive no
 * messages from each other still know which nodes are alive, who is connected to them, and that messages were lost.
 */
import type { PrismaClient } from '../generated/prisma/client.ts'

/** The report of a node. */
export interface NodeReport {
  readonly node: string
  /** Number of messages that it has sent to the other nodes. */
  readonly sentCount: number
  /** The participants who are connected to it. */
  readonly participants: readonly (readonly [participant: string, session: string])[]
}

/** A stored report. */
export interface NodeRow extends NodeReport {
  /** Increases with each report. */
  readonly version: number
}

/** Access to the table. */
export interface NodeTable {
  /** Writes this node's report. Resolves with the latest report of every other node, including those that died within the last minute. */
  exchange(own: NodeReport): Promise<readonly NodeRow[]>
}

/** The table `Node`. Clocks are compared in the database only. */
export const createPostgresNodeTable = (prisma: PrismaClient): NodeTable => ({
  exchange: ({ node, sentCount, participants }) => prisma.$queryRaw<NodeRow[]>`
    WITH forgotten AS (
      DELETE FROM "Node" WHERE "seenAt" < now() - interval '1 minute' AND "id" <> ${node}
    ), own AS (
      INSERT INTO "Node" ("id", "version", "sentCount", "participants", "seenAt")
      VALUES (${node}, 1, ${sentCount}, ${JSON.stringify(participants)}::json, now())
      ON CONFLICT ("id") DO UPDATE SET
        "version" = "Node"."version" + 1, "sentCount" = EXCLUDED."sentCount", "participants" = EXCLUDED."participants", "seenAt" = now()
    )
    SELECT "id" AS "node", "version", "sentCount", "participants" FROM "Node" WHERE "id" <> ${node}`,
})
