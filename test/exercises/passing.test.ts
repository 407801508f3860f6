/**
 * Nobody passes by not playing: no legal play that ended before the goal, or stops there, gives its author full marks. A search over short
 * plays, breadth first, with the built-in partner in the other seat; `support/volume.ts` says how wide it is.
 */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { peerOf, type Seat, SEATS } from '../../protocol/seat.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { sceneOf } from '../../protocol/round/fold/current-scene.ts'
import type { Action, SeatAction } from '../../protocol/round/model/action.ts'
import type { Level } from '../../protocol/round/model/exercise.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { judgeAction } from '../../protocol/round/rules/judge.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { type RandomSource, seededRandom } from '../../protocol/round/setup/random.ts'
import { WAYS } from '../support/random-legal-play.ts'
import { CHOICES } from '../support/tls-choices.ts'
import { count, SEED } from '../support/volume.ts'

/** The longest play that is looked at, in the author's acts. */
const MAX_DEPTH = 120

const exercises = loadExercises('exercises').published()

describe.each(exercises.map((exercise) => [exercise.id, exercise] as const))('%s', (_, exercise) => {
  test.each(SEATS)('played by the %s', (seat) => {
    for (const level of ['guided', 'exam'] as const)
      expect(findPassingPlay(exercise, seat, level), `${level}, seed ${SEED}`).toBeNull()
  })
})

/** A play that was not played to the goal: the author's acts, the world at its end, and how it ended. */
interface Play {
  readonly acts: readonly string[]
  readonly world: World
}

/** The acts of the first play found that did not reach the goal and has full marks; null if there is none. */
function findPassingPlay(exercise: (typeof exercises)[number], seat: Seat, level: Level): readonly string[] | null {
  const random = seededRandom(SEED)
  const script = instantiateExercise(exercise, level, random, { partner: { style: 'exact', pace: 'at-once' } })
  const start = judge(null, 'system', { kind: 'control', control: 'start', script })
  if (!start) throw new Error(`${exercise.id} does not begin`)
  let plays: readonly Play[] = [{ acts: [], world: letPartnerPlay(start, seat) }]
  for (let depth = 0; depth < MAX_DEPTH && plays.length > 0; depth++) {
    const next: Play[] = []
    for (const { acts, world } of plays)
      for (const action of actsIn(world, seat, random)) {
        const after = judge(world, seat, action)
        if (!after) continue
        const play: Play = { acts: [...acts, JSON.stringify(action)], world: letPartnerPlay(after, seat) }
        if (isPassed(play.world, seat)) return play.acts
        if (!play.world.over) next.push(play)
      }
    // The first is the play without a detour.
    plays = [...next.slice(0, 1), ...shuffled(next.slice(1), random).slice(0, count('playsKept') - 1)]
  }
  return null
}

/** The engine's act first, and then some of those that are legal but were not due. */
function actsIn(world: World, seat: Seat, random: RandomSource): readonly SeatAction[] {
  const move = choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })
  const { tls } = sceneOf(world)
  const detours: readonly (SeatAction | null)[] = [
    ...WAYS.map((way) => way(world, seat)),
    ...(tls ? CHOICES.map((choice) => ({ kind: 'write', message: { kind: 'tls', choice }, sure: true }) as const) : []),
  ]
  const legal = shuffled(
    detours.filter((each) => each !== null),
    random,
  )
  return [...(move ? [move.action] : []), ...legal.slice(0, count('actsTried'))]
}

/** Whether the play ended, or stops here until the bell, before its goal, and its author has full marks all the same. */
function isPassed(world: World, seat: Seat): boolean {
  const ended = world.over ? world : judge(world, 'teacher', { kind: 'control', control: 'end', why: 'moved-on' })
  if (!ended || ended.over === 'goal') return false
  // What has not come to anybody's turn is the partner's affair.
  if (!world.over && !isAuthorsTurn(world, seat)) return false
  const { eighths, of } = computeScore(ended, seat)
  return of > 0 && eighths === of
}

const isAuthorsTurn = (world: World, seat: Seat): boolean =>
  choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })?.action.kind !== 'wait'

/** The partner plays until it has nothing left but to wait, and does so. */
function letPartnerPlay(world: World, author: Seat): World {
  const move = choosePartnerMove(world, peerOf(author), { style: 'exact', pace: 'at-once' })
  const after = move && judge(world, peerOf(author), move.action)
  return after ? letPartnerPlay(after, author) : world
}

/** The world after an action; null if it is not accepted. */
function judge(world: World | null, actor: Seat | 'system' | 'teacher', action: Action): World | null {
  const { verdict, after } = judgeAction(world, { actor, action, seen: null }, { tls: TLS_TOOLS, worldAsSeen: () => world! })
  return verdict.outcome === 'accepted' ? after : null
}

const shuffled = <T>(all: readonly T[], random: RandomSource): T[] =>
  all
    .map((each) => ({ each, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each)
