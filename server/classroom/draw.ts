/** What a round plays: drawn anew each time, and where it can be, of this pair's own past. */
import { drawScript, type Random, type Wishes } from '../../protocol/world/draw.ts'
import type { Exercise, Level } from '../../protocol/world/exercise.ts'
import type { Script } from '../../protocol/world/script.ts'
import type { World } from '../../protocol/world/world.ts'
import type { PrismaClient, Round } from '../generated/prisma/client.ts'

export interface DrawDeps {
  readonly prisma: PrismaClient
  readonly rounds: { world(roundId: string): Promise<World | null> }
  readonly random: Random
}

/** The second leg plays another one of each family than the first did; an old segment is of the pair's own earlier handshake. */
export async function drawRound(
  deps: DrawDeps,
  round: Round,
  exercise: Exercise,
  level: Level,
  wishes: Pick<Wishes, 'players' | 'partner' | 'network'>,
): Promise<Script> {
  const [unlike, own] = await Promise.all([legBefore(deps, round), ownHandshake(deps, round, exercise)])
  return drawScript(exercise, level, deps.random, { ...wishes, ...(unlike ? { unlike } : {}), ...(own ? { own } : {}) })
}

async function legBefore({ prisma, rounds }: DrawDeps, { pairId, position, leg }: Round): Promise<Script | null> {
  if (leg === 1) return null
  const before = await prisma.round.findUnique({ where: { pairId_position_leg: { pairId, position, leg: leg - 1 } } })
  const world = before && (await rounds.world(before.id))
  return world?.script ?? null
}

/** The latest handshake of this pair in the same seats, where the exercise remembers an earlier connection. */
async function ownHandshake({ prisma, rounds }: DrawDeps, round: Round, { scenes }: Exercise): Promise<Wishes['own'] | null> {
  if (!scenes.some(({ names }) => Object.values(names).some(({ of, is }) => of === 'client' && is === 'earlier'))) return null
  const { pairId, clientId } = round
  const earlier = await prisma.round.findFirst({
    where: { pairId, clientId, exercise: { startsWith: 'handshake@' }, endedAt: { not: null } },
    orderBy: { createdAt: 'desc' },
  })
  const [scene] = (earlier && (await rounds.world(earlier.id)))?.script.scenes ?? []
  return earlier && scene ? { iss: scene.iss.client, at: earlier.createdAt.toISOString() } : null
}
