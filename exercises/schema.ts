/** What a file in `exercises/` may say: the shape of protocol/world/exercise.ts as a schema, and what no schema can hold. */
import { Type, type Static, type TProperties } from 'typebox'
import { BITS } from '../protocol/segment.ts'
import { MISCONCEPTIONS } from '../protocol/findings.ts'
import { RULE_SETS } from '../protocol/tcp/rules.ts'
import { STATES } from '../protocol/tcp/tcb.ts'
import {
  NOTATIONS,
  SEATS,
  SORTS,
  stepsOf,
  TOPICS,
  UTTERANCES,
  WIRE_ACTS,
  type Exercise,
  type Scene as ExerciseScene,
} from '../protocol/world/exercise.ts'

const shape = <P extends TProperties>(properties: P, more: { minProperties?: number } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...more })
const bySeat = <T extends TProperties[string]>(each: T) => shape({ client: each, server: each })
const bySomeSeats = <T extends TProperties[string]>(each: T) => shape({ client: Type.Optional(each), server: Type.Optional(each) })

const Id = Type.String({ pattern: '^[a-z0-9-]{1,60}$', description: 'small letters, digits and hyphens' })
const Name = Type.String({ pattern: '^[a-z]$', description: 'one small letter' })
const Octets = Type.Integer({ minimum: 1, maximum: 65_535 })
/** World time. */
const Ms = Type.Integer({ minimum: 0, maximum: 3_600_000 })
const Sentence = Type.String({ minLength: 1 })
const Text = shape({ en: Sentence, zh: Sentence })
const Seat = Type.Enum(SEATS)
const State = Type.Enum(STATES)
const Arrival = Type.Enum(['SYN', 'data', 'FIN'])
const Acknowledged = Type.Enum(['SYN', 'data', 'FIN', 'window'])
const Sort = Type.Enum(SORTS)
const Utterance = Type.Enum(UTTERANCES)
const Flags = Type.Array(Type.Enum(BITS.map(([name]) => name)))
const TimerName = Type.Enum(['user', 'retransmission', 'persist', 'time-wait'])

const CONDITION = {
  been: Type.Optional(State),
  received: Type.Optional(Arrival),
  sent: Type.Optional(Sort),
  arrived: Type.Optional(Sort),
  fired: Type.Optional(TimerName),
  wrote: Type.Optional(Utterance),
  read: Type.Optional(Utterance),
  window: Type.Optional(Type.Literal('closed')),
  times: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
}
const Condition = shape({ seat: Type.Optional(Seat), ...CONDITION }, { minProperties: 1 })
const Witnessed = shape({ seat: Seat, ...CONDITION }, { minProperties: 2 })

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
    shape({ calls: Type.Enum(['OPEN', 'SEND', 'RECEIVE', 'CLOSE', 'ABORT']) }),
    shape({ sends: Type.Enum(['SYN', 'data', 'FIN', 'RST', 'probe', ...UTTERANCES]) }),
    shape({ writes: Utterance }),
    shape({ resends: Arrival }),
    shape({ acknowledges: Acknowledged }),
    shape({ answers: Sort }),
    shape({ discards: Sort }),
    shape({ says: State }),
  ],
  {
    description:
      'one of { calls: OPEN, SEND, RECEIVE, CLOSE or ABORT }, { sends: SYN, data, FIN, RST, probe, request or response }, ' +
      '{ writes: request or response }, { resends: SYN, data or FIN }, ' +
      '{ acknowledges: SYN, data, FIN or window }, { answers: SYN, data, FIN, RST or ACK }, { discards: the same }, { says: a state }',
  },
)

const Step = shape({
  by: Type.Enum(['seat', 'exercise']),
  call: Type.Optional(Call),
  write: Type.Optional(Utterance),
  when: Type.Optional(Condition),
})
const Web = shape({
  host: Type.String({ pattern: '^[a-z0-9-]+([.][a-z0-9-]+)*$', description: 'a name in small letters, such as www.example.edu' }),
  pages: Type.Array(
    shape({
      target: Type.String({ pattern: '^/[!-~]*$', description: 'a path, such as /index.html' }),
      type: Type.String({ pattern: '^[a-z]+/[a-z0-9.+-]+$', description: 'a media type in small letters, such as text/plain' }),
      body: Sentence,
    }),
    { minItems: 1 },
  ),
  closes: Type.Optional(Type.Boolean()),
})
const Milestone = shape({ id: Id, deed: Deed, opens: Type.Optional(Condition), text: Text, nudge: Text, concept: Text })
const Question = shape({
  id: Id,
  when: Type.Optional(Condition),
  ask: Text,
  rule: Type.Optional(Type.String({ pattern: '^RFC \\d+ [\\d.]+$', description: 'a clause such as RFC 9293 3.6.1' })),
  ordered: Type.Optional(Type.Boolean()),
  choices: Type.Array(
    shape({
      text: Text,
      right: Type.Optional(Type.Boolean()),
      misconception: Type.Optional(Type.Enum(MISCONCEPTIONS)),
      why: Text,
    }),
    { minItems: 2, maxItems: 6 },
  ),
})

const Fault = shape({
  on: shape(
    { from: Seat, sends: Type.Optional(Sort), acknowledges: Type.Optional(Acknowledged), gap: Type.Optional(Type.Boolean()) },
    { minProperties: 2 },
  ),
  nth: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: 100 }), Type.Literal('every')], { description: 'a number from 1, or every' }),
  ),
  do: Type.Enum(['drop', 'corrupt', 'duplicate', 'hold', 'delay', 'pass']),
  until: Type.Optional(Condition),
  after: Type.Optional(Ms),
})

const segment = { flags: Flags, seq: Sentence, ack: Type.Optional(Sentence), length: Type.Optional(Octets) }
const Injection = shape({
  as: Type.Enum(['stale', 'forged', 'stranger']),
  to: Seat,
  from: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9.:-]{1,40}$', description: 'a name or an address' })),
  when: Type.Optional(Condition),
  after: Type.Optional(Ms),
  segment: shape(segment),
})

const Opening = shape({
  state: Type.Enum(['CLOSED', 'LISTEN', 'ESTABLISHED']),
  sent: Type.Optional(Octets),
  buffer: Type.Optional(Octets),
  with: Type.Optional(Type.Literal('earlier')),
})
const Length = shape({ min: Octets, max: Octets })
const Number32 = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })

const BoundName = shape({ of: Seat, is: Type.Enum(['iss', 'next', 'earlier']), before: Type.Optional(Number32) })

const Scene = shape({
  id: Id,
  family: Type.Optional(Id),
  title: Type.Optional(Text),
  brief: bySeat(Text),
  shown: Type.Optional(Text),
  rules: Type.Optional(Type.Enum(RULE_SETS)),
  names: Type.Record(Name, BoundName, { additionalProperties: false }),
  lengths: Type.Optional(Type.Record(Name, Length, { additionalProperties: false })),
  iss: Type.Optional(bySomeSeats(shape({ min: Number32, max: Number32 }))),
  times: Type.Optional(
    shape({
      transit: Type.Optional(Ms),
      rto: Type.Optional(Ms),
      msl: Type.Optional(Ms),
      userTimeout: Type.Optional(Ms),
      halfOpen: Type.Optional(Ms),
    }),
  ),
  opening: bySeat(Opening),
  reads: Type.Optional(bySomeSeats(Type.Literal('on-RECEIVE'))),
  backlog: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 })),
  application: bySeat(Type.Array(Step)),
  http: Type.Optional(Web),
  wire: Type.Optional(Type.Array(Fault)),
  injections: Type.Optional(Type.Array(Injection)),
  trace: Type.Optional(Type.Array(shape({ from: Seat, ...segment, state: Type.Optional(State) }), { minItems: 1 })),
  network: Type.Optional(shape({ may: Type.Array(Type.Enum(WIRE_ACTS)), injections: Type.Optional(Type.Array(Injection)) })),
  goal: shape({ client: State, server: State, when: Type.Optional(Type.Array(Witnessed)) }),
  milestones: bySeat(Type.Array(Milestone)),
  questions: Type.Optional(bySomeSeats(Type.Array(Question))),
  free: Type.Optional(Type.Boolean()),
})

export const ExerciseFile = shape({
  id: Id,
  version: Type.Integer({ minimum: 1 }),
  /** Lists show exercises by this number, smallest first: the order in which they are best taught. */
  order: Type.Integer({ minimum: 1 }),
  topic: Type.Optional(Type.Enum(TOPICS)),
  title: Text,
  point: Text,
  notation: Type.Enum(NOTATIONS),
  scenes: Type.Array(Scene, { minItems: 1 }),
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
  exercise.scenes.forEach((scene, i) => {
    for (const { path, message } of within(scene, exercise)) problems.push({ path: ['scenes', i, ...path], message })
    const before = exercise.scenes.slice(0, i)
    if (before.some(({ id }) => id === scene.id))
      problems.push({ path: ['scenes', i, 'id'], message: 'is that of an earlier scene: choose another id' })
    const others = before.filter(({ family }) => family === undefined || family !== scene.family)
    for (const seat of SEATS)
      for (const { id } of stepsOf(scene, seat))
        if (others.some((other) => stepsOf(other, seat).some((step) => step.id === id)))
          problems.push({
            path: ['scenes', i, 'milestones', seat],
            message: `has a ${id}, which an earlier scene has already: choose another id`,
          })
  })
  return problems
}

function within(scene: ExerciseScene, { notation }: Exercise): Problem[] {
  const problems: Problem[] = []
  const report = (path: Problem['path'], message: string) => problems.push({ path, message })

  for (const [name, { min, max }] of Object.entries(scene.lengths ?? {}))
    if (min > max) report(['lengths', name], `min ${min} is greater than max ${max}: swap them`)

  for (const [name, { of, is, before }] of Object.entries(scene.names)) {
    if (is === 'next' && scene.opening[of].state !== 'ESTABLISHED')
      report(['names', name, 'is'], `the ${of} does not open ESTABLISHED and has no next number yet: use iss`)
    if (before !== undefined && is !== 'earlier') report(['names', name, 'before'], 'belongs to a name that is: earlier: remove it')
  }

  for (const seat of SEATS) {
    if (notation === 'textbook' && !Object.values(scene.names).some((name) => name.of === seat))
      report(['names'], `textbook notation needs a name for the ${seat}'s numbers: add one, such as x: { of: ${seat}, is: iss }`)

    scene.application[seat].forEach(({ call, write }, i) => {
      const path = ['application', seat, i]
      if ((call === undefined) === (write === undefined)) report(path, 'is either a call or a write: give it one of them')
      const own = seat === 'client' ? 'request' : 'response'
      if (write !== undefined && write !== own) report([...path, 'write'], `is not what the ${seat} writes: ${own} is`)
      if (write !== undefined && !scene.http) report([...path, 'write'], 'needs what there is to say: add http to the scene')
      if (call?.call === 'SEND' && typeof call.octets === 'string' && !(call.octets in (scene.lengths ?? {})))
        report([...path, 'call', 'octets'], `no length is called ${call.octets}: add it under lengths, or write a number`)
    })

    const ids = scene.milestones[seat].map(({ id }) => id)
    ids.forEach((id, i) => {
      if (ids.indexOf(id) < i) report(['milestones', seat, i, 'id'], `the ${seat} already has a milestone ${id}: choose another id`)
    })
    scene.questions?.[seat]?.forEach(({ id }, i) => {
      if (ids.includes(id)) report(['questions', seat, i, 'id'], `the ${seat} already has a milestone ${id}: choose another id`)
    })
    scene.questions?.[seat]?.forEach(({ choices }, i) => {
      const right = choices.filter((choice) => choice.right).length
      if (right !== 1) report(['questions', seat, i, 'choices'], `exactly one choice must be right: true, and ${right} are`)
    })
  }
  return problems
}
