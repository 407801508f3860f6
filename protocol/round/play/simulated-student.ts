/**
 * Students whom a program plays, for rehearsals of a lesson: they take as long as people, and try beginners' mistakes before they find what is
 * right. Their acts are judged, charged and stored like those of anybody. Pure: world and student determine the move.
 */
import { add } from '../../seq.ts'
import { ACK, FIN } from '../../segment.ts'
import type { Seat } from '../../seat.ts'
import { STATES } from '../../tcp/states.ts'
import { openQuestion } from '../fold/progress.ts'
import type { EngineAction } from '../model/action.ts'
import type { SimulatedStudent } from '../model/script.ts'
import type { World } from '../model/world.ts'
import { nextEngineAction } from '../rules/next-action.ts'
import { seededRandom, type RandomSource } from '../setup/random.ts'
import { choosePartnerMove, toSeatAction, type PartnerMove } from './partner.ts'

/** Minimum and maximum delay of an act in real ms, at the speed of a person. */
const DELAY_MS = [3_000, 12_000] as const
/** Probability that a hint is bought after a refusal. */
const HINT_PROBABILITY = 0.15
/** After so many refusals in a row a student gives up: something is wrong that trying does not mend. */
const MAX_REFUSALS = 12

/** The student's next action in this seat; null where the built-in partner would have none either. */
export function chooseStudentMove(world: World, seat: Seat, student: SimulatedStudent): PartnerMove | null {
  const right = choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })
  const { refusedActions, viewCount, votes } = world.seats[seat]
  if (!right || refusedActions.length >= MAX_REFUSALS) return null
  // A wait is requested at once, so as not to delay the other side.
  if (right.action.kind === 'wait') return right
  const random = seededRandom(student.seed ^ Math.imul(viewCount + 1, 0x9e3779b1))
  const [least, most] = DELAY_MS
  const delayMs = Math.round((least + (most - least) * random()) / student.speed)
  if (refusedActions.length > 0 && world.script.level !== 'exam' && random() < HINT_PROBABILITY && !openQuestion(world, seat))
    return { action: { kind: 'hint' }, delayMs }
  const errs = random() < student.mistakes / 2 ** (refusedActions.length + votes.length)
  const wrong = errs ? drawMistake(world, seat, nextEngineAction(world, seat), random) : null
  return { action: wrong ? toSeatAction(world, seat, wrong) : right.action, delayMs }
}

/** A beginner's version of the right action; null if there is none. It may be legal, and is then played. */
function drawMistake(world: World, seat: Seat, right: EngineAction, random: RandomSource): EngineAction | null {
  const draw = <T>(choice: readonly T[]): T | null => choice[Math.floor(random() * choice.length)] ?? null
  switch (right.kind) {
    case 'send': {
      const { segment } = right
      const changed = (fields: Partial<typeof segment>): EngineAction => ({ ...right, segment: { ...segment, ...fields } })
      const { claimedState } = world.seats[seat]
      return draw([
        changed({ seq: add(segment.seq, 1) }),
        ...(segment.ack === null
          ? []
          : [changed({ ack: add(segment.ack, -1) }), changed({ bits: segment.bits & ~ACK, ack: null })]),
        ...(segment.bits & FIN ? [changed({ bits: segment.bits & ~FIN })] : []),
        ...(claimedState === right.state ? [] : [{ ...right, state: claimedState }]),
      ])
    }
    case 'claim':
      return draw(STATES.filter((state) => state !== right.state).map((state) => ({ ...right, state })))
    case 'answer': {
      const others = openQuestion(world, seat)?.order.filter((choice) => choice !== right.choice) ?? []
      return draw(others.map((choice) => ({ ...right, choice })))
    }
    default:
      return null
  }
}
