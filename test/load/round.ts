/**
 * Compares the cost of an action late in a long round with that of an early one: judging, folding, and making views. In the round
 * a sender probes a window that never opens (RFC 9293 3.8.6.1), so that nothing in it ends.
 */
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { SEATS } from '../../protocol/seat.ts'
import { loadExercises } from '../../exercises/load.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { toShownAction } from '../../protocol/round/view/opaque-ids.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { LiveRound } from '../../server/rounds/live-round.ts'

export interface Options {
  /** Actions in each round. */
  readonly actions: number
  /** Rounds that are measured. */
  readonly rounds: number
}

/** Rounds that are played before the measurement, until the code is compiled by the JIT. */
const WARM_UP = 4
/** Actions around the one in question that are measured with it, because a single one is too short to be timed. */
const AROUND = 10
const EARLY = 20

export async function benchRound({ actions, rounds }: Options): Promise<void> {
  const early: number[] = []
  const late: number[] = []
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const costs = await play(probing(), actions)
    if (round < WARM_UP) continue
    early.push(...costs.slice(EARLY - AROUND, EARLY + AROUND))
    late.push(...costs.slice(-2 * AROUND))
  }
  const [before, after] = [median(early), median(late)]
  console.log(`\nA round of ${actions} actions, ${rounds} times; medians`)
  console.log(`action ${String(EARLY).padStart(8)} ${before.toFixed(1).padStart(8)} µs`)
  console.log(
    `action ${String(actions).padStart(8)} ${after.toFixed(1).padStart(8)} µs   ${(after / before).toFixed(2)} of the early one`,
  )
}

/** A log without any cost. What a database does with a row does not depend on the length of its round. */
const NOWHERE: RoundLog = { append: () => Promise.resolve('written'), read: () => Promise.resolve([]) }

/** Plays a round and returns the cost of each action in µs. */
async function play(script: Script, actions: number): Promise<number[]> {
  const live = new LiveRound('long', {
    log: NOWHERE,
    now: () => new Date(),
    after: () => () => {},
    tls: TLS_TOOLS,
    publish: () => {},
    idleAfterMs: 0,
  })
  await live.start(script)
  const seen = { client: 0, server: 0 }
  const costs: number[] = []
  while (costs.length < actions) {
    for (const seat of SEATS) {
      const world = await live.readWorld()
      if (!world || world.over) throw new Error('the round should have gone on')
      if (world.seats[seat].waitRequested) continue
      const action = toShownAction(script, seat, toSeatAction(world, seat, nextEngineAction(world, seat)))
      seen[seat] = world.seats[seat].viewCount
      const began = performance.now()
      await live.act(seat, { id: `${seat}-${costs.length}`, seen: seen[seat], action })
      costs.push((performance.now() - began) * 1000)
    }
  }
  return costs.slice(0, actions)
}

/** A script with a client that has more octets to send than its server accepts, and a server that never reads. */
function probing(): Script {
  const data = loadExercises('exercises').get('data')
  const [scene] = data?.scenes ?? []
  if (!data || !scene) throw new Error('there is no exercise data')
  const endless = {
    ...scene,
    opening: { client: scene.opening.client, server: { ...scene.opening.server, buffer: 10 } },
    reads: { server: 'on-RECEIVE' },
    application: { client: [{ by: 'seat', call: { call: 'SEND', octets: 1_000 } }], server: [] },
    times: { userTimeout: Number.MAX_SAFE_INTEGER },
    milestones: { client: [], server: [] },
    goal: { client: 'CLOSED', server: 'CLOSED' },
  } as const
  return instantiateExercise({ ...data, scenes: [endless] }, 'guided', seededRandom(1))
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
