/** What a file in `exercises/` may say: the shape of protocol/world/exercise.ts as a schema, and what no schema can hold. */
import { Type, type Static, type TProperties } from 'typebox'
import { STATES } from '../../protocol/tcp/tcb.ts'
import { NOTATIONS, SEATS, type Exercise } from '../../protocol/world/exercise.ts'

const shape = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false })
const bySeat = <T extends TProperties[string]>(each: T) => shape({ client: each, server: each })

const Id = Type.String({ pattern: '^[a-z0-9-]{1,60}$', description: 'small letters, digits and hyphens' })
const Name = Type.String({ pattern: '^[a-z]$', description: 'one small letter' })
const Octets = Type.Integer({ minimum: 1, maximum: 65_535 })
const Sentence = Type.String({ minLength: 1 })
const Text = shape({ en: Sentence, zh: Sentence })
const Seat = Type.Enum(SEATS)
const State = Type.Enum(STATES)
const Arrival = Type.Enum(['SYN', 'data', 'FIN'])

const Condition = Type.Object(
  { seat: Type.Optional(Seat), been: Type.Optional(State), received: Type.Optional(Arrival) },
  { additionalProperties: false, minProperties: 1 },
)

const Call = Type.Union(
  [
    shape({ call: Type.Literal('OPEN'), mode: Type.Enum(['active', 'passive']) }),
    shape({ call: Type.Literal('SEND'), octets: Type.Union([Octets, Name]) }),
    shape({ call: Type.Enum(['RECEIVE', 'CLOSE', 'ABORT']) }),
  ],
  {
    description:
      '{ call: OPEN, mode: active or passive }, { call: SEND, octets: a number or the name of a length }, ' +
      'or { call: RECEIVE, CLOSE or ABORT }',
  },
)

const Deed = Type.Union(
  [
    shape({ calls: Type.Enum(['OPEN', 'CLOSE']) }),
    shape({ sends: Arrival }),
    shape({ acknowledges: Arrival }),
    shape({ says: State }),
  ],
  {
    description:
      'one of { calls: OPEN or CLOSE }, { sends: SYN, data or FIN }, { acknowledges: SYN, data or FIN }, { says: a state }',
  },
)

const Step = shape({ by: Type.Enum(['seat', 'exercise']), call: Call, when: Type.Optional(Condition) })
const Milestone = shape({ id: Id, deed: Deed, opens: Type.Optional(Condition), text: Text, nudge: Text, concept: Text })

export const ExerciseFile = shape({
  id: Id,
  version: Type.Integer({ minimum: 1 }),
  /** Lists show exercises by this number, smallest first: the order in which they are best taught. */
  order: Type.Integer({ minimum: 1 }),
  title: Text,
  point: Text,
  brief: bySeat(Text),
  notation: Type.Enum(NOTATIONS),
  names: Type.Record(Name, shape({ of: Seat, is: Type.Enum(['iss', 'next']) }), { additionalProperties: false }),
  lengths: Type.Record(Name, shape({ min: Octets, max: Octets }), { additionalProperties: false }),
  opening: bySeat(Type.Enum(['CLOSED', 'ESTABLISHED'])),
  application: bySeat(Type.Array(Step)),
  goal: bySeat(State),
  milestones: bySeat(Type.Array(Milestone, { minItems: 1 })),
})
export type ExerciseFile = Static<typeof ExerciseFile>

/** A place in a file, as keys and indices from its root, and what is to be done there. */
export interface Problem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Contradictions between parts of an exercise that is well formed in itself. */
export function contradictions(exercise: Exercise): Problem[] {
  const problems: Problem[] = []
  const report = (path: Problem['path'], message: string) => problems.push({ path, message })

  for (const [name, { min, max }] of Object.entries(exercise.lengths))
    if (min > max) report(['lengths', name], `min ${min} is greater than max ${max}: swap them`)

  for (const [name, { of, is }] of Object.entries(exercise.names))
    if (is === 'next' && exercise.opening[of] === 'CLOSED')
      report(['names', name, 'is'], `the ${of} opens CLOSED and has no next number yet: use iss`)

  for (const seat of SEATS) {
    if (exercise.notation === 'textbook' && !Object.values(exercise.names).some((name) => name.of === seat))
      report(['names'], `textbook notation needs a name for the ${seat}'s numbers: add one, such as x: { of: ${seat}, is: iss }`)

    exercise.application[seat].forEach(({ call }, i) => {
      if (call.call === 'SEND' && typeof call.octets === 'string' && !(call.octets in exercise.lengths))
        report(
          ['application', seat, i, 'call', 'octets'],
          `no length is called ${call.octets}: add it under lengths, or write a number`,
        )
    })

    const ids = exercise.milestones[seat].map((milestone) => milestone.id)
    ids.forEach((id, i) => {
      if (ids.indexOf(id) < i) report(['milestones', seat, i, 'id'], `the ${seat} already has a milestone ${id}: choose another id`)
    })
  }
  return problems
}
