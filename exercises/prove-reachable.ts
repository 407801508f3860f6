/** Proves, by letting built-in partners play, that an exercise's goal can be reached from both seats. */
import { SEATS } from '../protocol/seat.ts'
import { instantiateExercise } from '../protocol/round/setup/instantiate.ts'
import { groupByFamily, type Exercise } from '../protocol/round/model/exercise.ts'
import { PARTNER_STYLES } from '../protocol/round/model/partner-styles.ts'
import { playThroughStepwise, runToEnd } from '../protocol/round/play/play-through.ts'
import { seededRandom } from '../protocol/round/setup/random.ts'
import { computeScore } from '../protocol/round/fold/score.ts'
import { sceneOf } from '../protocol/round/fold/current-scene.ts'
import type { Problem } from './contradictions.ts'
import { TLS_TOOLS } from './tls-tools.ts'

/** Seeds per pair of partner styles: enough for every scene of a family to occur. */
export const SEEDS_PER_PAIR: readonly number[] = Array.from({ length: 20 }, (_, i) => i + 1)

/** Plays an exercise with every pair of partner styles and every seed. Null if every play reaches the goal with full score. */
export const findUnreachable = (exercise: Exercise, seeds = SEEDS_PER_PAIR): Problem | null =>
  runToEnd(proveReachable(exercise, seeds))

/** `findUnreachable` as a generator: it yields after each act, so that a server can do other work in between. */
export function* proveReachable(exercise: Exercise, seeds = SEEDS_PER_PAIR): Generator<void, Problem | null> {
  const played = new Set<string>()
  const byHand = exercise.tcp === 'autopilot' ? [{ tcp: 'by-hand' } as const] : []
  const plays = [{}, ...byHand].flatMap((wishes) => seeds.map((seed) => ({ seed, wishes })))
  for (const client of PARTNER_STYLES)
    for (const server of PARTNER_STYLES)
      for (const { seed, wishes } of plays) {
        const script = instantiateExercise(exercise, 'guided', seededRandom(seed), wishes)
        for (const { id } of script.scenes) played.add(id)
        const { world, entries } = yield* playThroughStepwise(script, { client, server }, TLS_TOOLS)
        const scene = exercise.scenes.findIndex(({ id }) => id === sceneOf(world).id)
        const players = `two built-in partners (client ${client}, server ${server}, seed ${seed})`
        if (world.over !== 'goal') {
          const open = SEATS.flatMap((seat) =>
            world.seats[seat].milestones.filter(({ status }) => status === 'open').map(({ id }) => `${seat}: ${id}`),
          )
          const { state } = world.hosts.client.tcb
          const progress = `after ${entries.length} entries, client in ${state}, server in ${world.hosts.server.tcb.state}`
          const left = open.length > 0 ? `; still open: ${open.join(', ')}` : ''
          return {
            path: ['scenes', scene, 'goal'],
            message: `is not reached by ${players}: they stop ${progress}${left}. Compare the goal with the applications' calls and the wire`,
          }
        }
        for (const seat of SEATS) {
          // What an exercise is about is not optional for the built-in partner, whatever its style.
          const missed = world.seats[seat].milestones.filter(({ status }) => status !== 'met')
          const { eighths, of } = computeScore(world, seat)
          if (eighths === of && missed.length === 0) continue
          const missing = script.scenes
            .flatMap((instance) => instance.milestones[seat])
            .find(({ id }) => missed.some((m) => m.id === id))
          const at = exercise.scenes.findIndex(({ milestones }) => milestones[seat].some(({ id }) => id === missing?.id))
          return {
            path: ['scenes', Math.max(at, 0), 'milestones', seat],
            message: `has ${missing?.id ?? 'a step'}, which ${players} do not meet on the way to the goal: change its deed or when it opens`,
          }
        }
      }
  const never = groupByFamily(exercise)
    .flat()
    .findIndex(({ id }) => !played.has(id))
  return never < 0 ? null : { path: ['scenes', never], message: 'is never drawn: is its family the one that you meant?' }
}
