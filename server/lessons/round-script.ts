/** What a round plays: drawn anew each time, and where it can be, of this pair's own past. */
import type { RandomSource } from '../../protocol/round/setup/random.ts'
import { instantiateExercise, type InstantiateOptions } from '../../protocol/round/setup/instantiate.ts'
import type { Exercise, Level } from '../../protocol/round/model/exercise.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { PrismaClient, Round } from '../generated/prisma/client.ts'

export interface RoundScriptDeps {
  readonly prisma: PrismaClient
  readonly rounds: Pick<Rounds, 'readWorld'>
  readonly random: RandomSource
}

/** The second leg plays another one of each family than the first did; an old segment is of the pair's own earlier handshake. */
export async function createRoundScript(
  deps: RoundScriptDeps,
  round: Round,
  exercise: Exercise,
  level: Level,
  wishes: Pick<InstantiateOptions, 'players' | 'partner' | 'network'>,
): Promise<Script> {
  const [unlike, own] = await Promise.all([readPreviousScript(deps, round), readEarlierHandshake(deps, round, exercise)])
  return instantiateExercise(exercise, level, deps.random, {
    ...wishes,
    ...(unlike ? { unlike } : {}),
    ...(own ? { earlierRound: own } : {}),
  })
}

async function readPreviousScript({ prisma, rounds }: RoundScriptDeps, { pairId, position, leg }: Round): Promise<Script | null> {
  if (leg === 1) return null
  const before = await prisma.round.findUnique({ where: { pairId_position_leg: { pairId, position, leg: leg - 1 } } })
  const world = before && (await rounds.readWorld(before.id))
  return world?.script ?? null
}

/** The latest handshake of this pair in the same seats, where the exercise remembers an earlier connection. */
async function readEarlierHandshake(
  { prisma, rounds }: RoundScriptDeps,
  round: Round,
  { scenes }: Exercise,
): Promise<InstantiateOptions['earlierRound'] | null> {
  if (!scenes.some(({ names }) => Object.values(names).some(({ of, is }) => of === 'client' && is === 'earlier'))) return null
  const { pairId, clientId } = round
  const earlier = await prisma.round.findFirst({
    where: { pairId, clientId, exercise: { startsWith: 'handshake@' }, endedAt: { not: null } },
    orderBy: { createdAt: 'desc' },
  })
  const [scene] = (earlier && (await rounds.readWorld(earlier.id)))?.script.scenes ?? []
  return earlier && scene ? { iss: scene.iss.client, at: earlier.createdAt.toISOString() } : null
}
