/** Draws the numbers of one round: every round has its own ISNs and lengths. */
import { add } from '../seq.ts'
import { TIMES, type Exercise, type Level, type Script, type ScriptedCall, type Call, type Seat } from './exercise.ts'

/**
 * An exercise as one round plays it. `random` gives numbers in [0, 1); the same ones give the same script.
 * Graded rounds (`exam`) use absolute numbers, whatever the exercise says.
 */
export function drawScript(exercise: Exercise, level: Level, random: () => number): Script {
  const iss = { client: Math.floor(random() * 2 ** 32), server: Math.floor(random() * 2 ** 32) }
  const lengths = new Map(
    Object.entries(exercise.lengths).map(([name, { min, max }]) => [name, min + Math.floor(random() * (max - min + 1))]),
  )
  const drawn = (call: ScriptedCall): Call => {
    if (call.call !== 'SEND') return call
    const octets = typeof call.octets === 'number' ? call.octets : lengths.get(call.octets)
    if (octets === undefined) throw new Error(`exercise ${exercise.id}: no length named ${call.octets}`)
    return { call: 'SEND', octets }
  }
  const application = (seat: Seat) => exercise.application[seat].map((step) => ({ ...step, call: drawn(step.call) }))
  const milestones = (seat: Seat) =>
    exercise.milestones[seat].map(({ id, deed, opens }) => (opens ? { id, deed, opens } : { id, deed }))
  const next = (seat: Seat) => (exercise.opening[seat] === 'ESTABLISHED' ? add(iss[seat], 1) : iss[seat])

  return {
    exercise: exercise.id,
    version: exercise.version,
    level,
    notation: level === 'exam' ? 'absolute' : exercise.notation,
    names: Object.fromEntries(
      Object.entries(exercise.names).map(([name, { of, is }]) => [name, { of, value: is === 'iss' ? iss[of] : next(of) }]),
    ),
    iss,
    opening: exercise.opening,
    application: { client: application('client'), server: application('server') },
    goal: exercise.goal,
    milestones: { client: milestones('client'), server: milestones('server') },
    times: TIMES,
  }
}
