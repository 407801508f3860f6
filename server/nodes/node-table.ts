/**
 * What the nodes say of themselves in the database, every few seconds. It needs no Redis, so that nodes that hear nothing of each other
 * still know who lives, who is connected where, and that they have missed something.
 */
import type { PrismaClient } from '../generated/prisma/client.ts'

/** What a node says of itself. */
export interface NodeReport {
  readonly node: string
  /** How many messages it has sent to the others so far. */
  readonly sentCount: number
  /** All who are connected to it. */
  readonly participants: readonly (readonly [participant: string, session: string])[]
}

export interface NodeRow extends NodeReport {
  /** Another one with each report. */
  readonly version: number
}

export interface NodeTable {
  /** Writes this node's report, and returns the latest of each other node, also of those that have died within the last minute. */
  exchange(own: NodeReport): Promise<readonly NodeRow[]>
}

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
