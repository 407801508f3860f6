/**
 * Creates a round's script: a random instance of the exercise that differs from the previous leg's, with closing questions that its
 * players have not been asked yet. If the exercise has an old segment, its numbers come from the pair's own earlier handshake.
 */
import type { RandomSource } from '../../protocol/round/setup/random.ts'
import { instantiateExercise, type InstantiateOptions } from '../../protocol/round/setup/instantiate.ts'
import type { Exercise, Level } from '../../protocol/round/model/exercise.ts'
import type { Player, Script } from '../../protocol/round/model/script.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { Round } from '../generated/prisma/client.ts'
import type { LessonStore } from './lesson-store.ts'

export interface RoundScriptDeps {
  readonly store: Pick<LessonStore, 'findLeg' | 'findEarlierRound' | 'findRoundsPlayed'>
  readonly rounds: Pick<Rounds, 'readWorld'>
  readonly random: RandomSource
}

/** Creates the script of `round`, which plays `exercise` at `level`. */
export async function createRoundScript(
  deps: RoundScriptDeps,
  round: Round,
  exercise: Exercise,
  level: Level,
  wishes: Pick<InstantiateOptions, 'players' | 'partner' | 'network' | 'simulated' | 'tcp' | 'discussed'>,
): Promise<Script> {
  const asked = async (participantId: string, player: Player | undefined) =>
    player === 'partner' ? [] : await readQuestionsAsked(deps, round, exercise, participantId)
  const [unlike, own, client, server] = await Promise.all([
    readPreviousScript(deps, round),
    readEarlierHandshake(deps, round, exercise),
    asked(round.clientId, wishes.players?.client),
    asked(round.serverId, wishes.players?.server),
  ])
  return instantiateExercise(exercise, level, deps.random, {
    ...wishes,
    asked: { client, server },
    ...(unlike ? { unlike } : {}),
    ...(own ? { earlierRound: own } : {}),
  })
}

async function readPreviousScript({ store, rounds }: RoundScriptDeps, { pairId, position, leg }: Round): Promise<Script | null> {
  if (leg === 1) return null
  const before = await store.findLeg(pairId, position, leg - 1)
  const world = before && (await rounds.readWorld(before.id))
  return world?.script ?? null
}

/** The latest handshake of this pair in the same seats, if the exercise refers to an earlier connection; otherwise null. */
async function readEarlierHandshake(
  { store, rounds }: RoundScriptDeps,
  { pairId, clientId }: Round,
  { scenes }: Exercise,
): Promise<InstantiateOptions['earlierRound'] | null> {
  if (!scenes.some(({ names }) => Object.values(names).some(({ of, is }) => of === 'client' && is === 'earlier'))) return null
  const earlier = await store.findEarlierRound({ pairId, clientId, exerciseId: 'handshake' })
  const [scene] = (earlier && (await rounds.readWorld(earlier.id)))?.script.scenes ?? []
  return earlier && scene ? { iss: scene.iss.client, at: earlier.createdAt.toISOString() } : null
}

/** As many of a participant's latest rounds are read: more than a pool has questions. */
const ROUNDS_READ = 20

/** Ids of the closing questions of this exercise that were drawn for a participant before, in either seat. */
async function readQuestionsAsked(
  { store, rounds }: RoundScriptDeps,
  { id }: Round,
  exercise: Exercise,
  participantId: string,
): Promise<string[]> {
  if (!exercise.pool) return []
  const played = await store.findRoundsPlayed({ participantId, exerciseId: exercise.id })
  const asked = played
    .filter((round) => round.id !== id)
    .slice(-ROUNDS_READ)
    .map(async (round) => {
      const seat = round.clientId === participantId ? 'client' : 'server'
      const script = (await rounds.readWorld(round.id))?.script
      return script?.scenes.at(-1)?.questions[seat].map((question) => question.id) ?? []
    })
  return (await Promise.all(asked)).flat()
}
