/**
 * Nothing that a student's page receives identifies a correct answer. Every exercise is played from both seats, and all its
 * places and views are searched for: ids of scenes and of scored steps, texts of milestones at exam, and the order of choices.
 */
import { mergeViews } from '../support/views.ts'
import { describe, expect, test } from 'vitest'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { findTexts, loadExercises } from '../../exercises/load.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { type Exercise, findQuestion, LEVELS, type Level, scoredStepsOf } from '../../protocol/round/model/exercise.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { Round } from '../../protocol/round/round.ts'
import { readShownAction, toShownAction } from '../../protocol/round/view/opaque-ids.ts'
import type { RoundPlace } from '../../contract/places.ts'
import { createPlaces } from '../../server/lessons/places.ts'
import type { LessonStore } from '../../server/lessons/lesson-store.ts'
import { standIn } from '../support/stand-in.ts'
import { makeLesson } from '../support/lesson-rows.ts'

const exercises = loadExercises('exercises')
const AT = '2026-01-01T00:00:00.000Z'

function play(exercise: Exercise, level: Level, seed: number): Round {
  const round = new Round({ id: 'round', tls: TLS_TOOLS, texts: () => findTexts(exercise) })
  const script = instantiateExercise(exercise, level, seededRandom(seed))
  const enter = (actor: Seat | 'system', action: Parameters<Round['enter']>[0]['action'], i: number) =>
    round.enter({ actor, actionId: `act-${i}`, action, seen: null, at: AT })
  enter('system', { kind: 'control', control: 'start', script }, 0)
  for (let turn = 1; turn < 400 && !round.world?.over; turn++) {
    const who = SEATS[turn % 2]!
    enter(who, toSeatAction(round.world!, who, nextEngineAction(round.world!, who)), turn)
  }
  return round
}

/** The round's place, as this seat's page receives it. */
async function placeOf(exercise: Exercise, level: Level, seat: Seat, round: Round): Promise<RoundPlace> {
  const { session, participants, pair } = makeLesson()
  const [first, second] = [participants[0]!, participants[1]!]
  const playing = { ...session, level, position: 0 }
  const row = {
    ...{ id: 'round', sessionId: session.id, pairId: pair.id, position: 0, leg: 1, exercise: `${exercise.id}@1` },
    ...{ clientId: first.id, serverId: second.id, networkId: null, createdAt: session.createdAt, endedAt: null },
    ...{ revoked: 0, revokedByClient: 0, revokedByServer: 0, revokedByNetwork: 0 },
  }
  const participant = seat === 'client' ? first : second
  const places = createPlaces({
    store: standIn<LessonStore>({
      findStudents: async () => [
        { participant, session: playing, pair: { ...pair, first, second, third: null, session: playing }, round: row },
      ],
    }),
    library: { findByReference: async () => exercise },
    rounds: { readWorld: async () => round.world },
    presence: { isPresent: () => true },
  })
  const [place] = await places.readPlaces([participant.id])
  return place!.round!
}

/** All values under these keys, at any depth. */
function* valuesOf(json: unknown, keys: readonly string[]): Generator<unknown> {
  if (typeof json !== 'object' || json === null) return
  for (const [key, inner] of Object.entries(json)) {
    if (keys.includes(key)) yield inner
    yield* valuesOf(inner, keys)
  }
}

const idsOf = (exercise: Exercise): Set<string> =>
  new Set(
    exercise.scenes.flatMap((scene) => [scene.id, ...SEATS.flatMap((seat) => scoredStepsOf(scene, seat).map(({ id }) => id))]),
  )

const POOLS = ['spot-the-fault', 'https-certificate', 'why-2msl', 'handshake', 'warm-up']

describe.each(LEVELS)('at %s', (level) => {
  test.each(POOLS)('%s: no id of a scene, a milestone or a question comes to a seat, and at exam no milestone', async (id) => {
    const exercise = exercises.get(id)!
    for (const seed of [1, 2]) {
      const round = play(exercise, level, seed)
      for (const seat of SEATS) {
        const { scenes } = (await placeOf(exercise, level, seat, round)).exercise
        const views = mergeViews(round.updatesAfter(seat, 0))
        expect(scenes).toHaveLength(round.world!.script.scenes.length)
        const told = [...valuesOf([scenes, views], ['id', 'question', 'milestone'])].filter((each) => typeof each === 'string')
        expect(told.filter((each) => idsOf(exercise).has(each))).toEqual([])
        expect(told.length).toBeGreaterThan(0)
        if (level !== 'exam') continue
        const texts = exercise.scenes.flatMap((scene) => scene.milestones[seat].map(({ text }) => JSON.stringify(text.en)))
        expect(texts.filter((text) => JSON.stringify([scenes, views]).includes(text))).toEqual([])
      }
    }
  })
})

test('choices come in the order that is drawn for the round, and the file’s own is not to be told from it', async () => {
  const exercise = exercises.get('spot-the-fault')!
  const orders = new Map<string, Set<string>>()
  for (let seed = 0; seed < 30; seed++) {
    const round = play(exercise, 'standard', seed)
    const { script } = round.world!
    const { scenes } = (await placeOf(exercise, 'standard', 'client', round)).exercise
    script.scenes.forEach((scene, i) =>
      scene.questions.client.forEach((question, j) => {
        const told = scenes[i]!.questions[j]!
        const own = findQuestion(exercise, scene.id, 'client', question.id)
        const order = told.choices.map((text) => own?.choices.findIndex((choice) => choice.text === text) ?? -1)
        expect([...order].sort()).toEqual([...question.order].sort())
        const right = order.indexOf(question.right)
        const key = `${scene.id} ${question.id}`
        if (!own?.ordered) orders.set(key, (orders.get(key) ?? new Set()).add(`${order.join()}`))
        const sent = { kind: 'answer', question: told.id, choice: right } as const
        const stored = { kind: 'answer', question: question.id, choice: question.right } as const
        expect(readShownAction(script, 'client', sent)).toEqual(stored)
        expect(toShownAction(script, 'client', stored)).toEqual(sent)
        // The file's own id answers nothing.
        expect(readShownAction(script, 'client', stored)).toEqual({ ...stored, question: '' })
      }),
    )
  }
  // If a scene was drawn often enough, several orders of choices were drawn as well.
  expect([...orders.values()].some((drawn) => drawn.size > 2)).toBe(true)
  expect(orders.size).toBeGreaterThan(3)
})
