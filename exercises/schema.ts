/** What a file in `exercises/` may say: the shape of protocol/round/model/exercise.ts as a schema, and what no schema can hold. */
import { NOTATIONS } from '../protocol/notation.ts'
import { SEATS } from '../protocol/seat.ts'
import { Type, type Static, type TProperties, type TSchema } from 'typebox'
import { CONTROL_BITS, SEGMENT_KINDS } from '../protocol/segment.ts'
import { MISCONCEPTIONS } from '../protocol/findings.ts'
import { TCP_RULE_SETS } from '../protocol/tcp/rules.ts'
import { STATES } from '../protocol/tcp/states.ts'
import { NAMED_GROUPS } from '../protocol/tls/format/crypto.ts'
import { TLS_VERSIONS } from '../protocol/tls/format/messages.ts'
import { TLS_RULE_SETS } from '../protocol/tls/keys/rules.ts'
import { CIPHER_SUITES } from '../protocol/tls/format/suites.ts'
import { IDENTITY_IDS } from './certificates.ts'
import {
  scoredStepsOf,
  TOPICS,
  WIRE_OPERATIONS,
  type Exercise,
  type Scene as ExerciseScene,
} from '../protocol/round/model/exercise.ts'
import { UPPER_LAYER_MESSAGES } from '../protocol/round/model/upper-layer-messages.ts'

const strictObject = <P extends TProperties>(properties: P, more: { minProperties?: number } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...more })
/** More than any list in an exercise needs. */
const MAX_LIST_ITEMS = 40

const bySeat = <T extends TProperties[string]>(each: T) => strictObject({ client: each, server: each })
const bySomeSeats = <T extends TProperties[string]>(each: T) =>
  strictObject({ client: Type.Optional(each), server: Type.Optional(each) })

/** The same, with what an editor says of it where it is written. */
const withDescription = <T extends TSchema>(description: string, schema: T): T =>
  Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(schema), description: { value: description, enumerable: true } },
  ) as T

const Id = Type.String({ pattern: '^[a-z0-9-]{1,60}$', errorMessage: 'must be small letters, digits and hyphens' })
const Name = Type.String({ pattern: '^[a-z]$', errorMessage: 'must be one small letter' })
const Octets = Type.Integer({ minimum: 1, maximum: 65_535, description: 'Octets.' })
const Ms = Type.Integer({ minimum: 0, maximum: 3_600_000, description: 'Milliseconds of world time.' })
const Sentence = Type.String({ minLength: 1, maxLength: 4_000 })
const Text = strictObject({
  en: withDescription('In English.', Sentence),
  zh: withDescription('In Chinese: the same, with the terms of docs/glossary.csv.', Sentence),
})
const Seat = Type.Enum(SEATS)
const State = Type.Enum(STATES)
const Arrival = Type.Enum(['SYN', 'data', 'FIN'])
const Acknowledged = Type.Enum(['SYN', 'data', 'FIN', 'window'])
const Sort = Type.Enum(SEGMENT_KINDS)
const Utterance = Type.Enum(UPPER_LAYER_MESSAGES)
const Flags = Type.Array(Type.Enum(CONTROL_BITS.map(([name]) => name)))
const TimerName = Type.Enum(['user', 'retransmission', 'persist', 'time-wait'])

const CONDITION = {
  been: Type.Optional(withDescription('The host has been in this state.', State)),
  received: Type.Optional(withDescription('This has arrived and was taken in.', Arrival)),
  sent: Type.Optional(withDescription('This has left the host.', Sort)),
  arrived: Type.Optional(withDescription('This has arrived, taken in or not.', Sort)),
  fired: Type.Optional(withDescription('This timer has gone off.', TimerName)),
  wrote: Type.Optional(withDescription('Its application has written this message.', Utterance)),
  read: Type.Optional(withDescription('Its application has read the whole of this message.', Utterance)),
  window: Type.Optional(Type.Literal('closed', { description: 'Its receive window is shut.' })),
  times: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'How often; once where absent.' })),
}
const Condition = strictObject(
  { seat: Type.Optional(withDescription('Whose host; the seat that the condition belongs to where absent.', Seat)), ...CONDITION },
  { minProperties: 1 },
)
const Witnessed = strictObject({ seat: Seat, ...CONDITION }, { minProperties: 2 })

const Call = Type.Union(
  [
    strictObject({ call: Type.Literal('OPEN'), mode: Type.Enum(['active', 'passive']) }),
    strictObject({ call: Type.Literal('SEND'), octets: Type.Union([Octets, Name]) }),
    strictObject({ call: Type.Enum(['RECEIVE', 'CLOSE', 'ABORT']) }),
  ],
  {
    errorMessage:
      'must be { call: OPEN, mode: active or passive }, { call: SEND, octets: a number or the name of a length }, ' +
      'or { call: RECEIVE, CLOSE or ABORT }',
  },
)

const Deed = Type.Union(
  [
    strictObject({ calls: Type.Enum(['OPEN', 'SEND', 'RECEIVE', 'CLOSE', 'ABORT']) }),
    strictObject({ sends: Type.Enum(['SYN', 'data', 'FIN', 'RST', 'probe', ...UPPER_LAYER_MESSAGES]) }),
    strictObject({ writes: Utterance }),
    strictObject({ resends: Arrival }),
    strictObject({ acknowledges: Acknowledged }),
    strictObject({ answers: Sort }),
    strictObject({ discards: Sort }),
    strictObject({ says: State }),
  ],
  {
    errorMessage:
      'must be one of { calls: OPEN, SEND, RECEIVE, CLOSE or ABORT }, { sends: SYN, data, FIN, RST, probe or a message }, ' +
      '{ writes: a message }, { resends: SYN, data or FIN }, ' +
      '{ acknowledges: SYN, data, FIN or window }, { answers: SYN, data, FIN, RST or ACK }, { discards: the same }, { says: a state }',
  },
)

const Step = strictObject({
  by: Type.Enum(['seat', 'exercise'], { description: 'Who makes the call: the student, or the exercise as soon as it is due.' }),
  call: Type.Optional(Call),
  write: Type.Optional(
    Type.Enum(['request', 'response'], { description: 'A message that the application writes in place of a call.' }),
  ),
  when: Type.Optional(withDescription('When it is due; at once, after the call before it, where absent.', Condition)),
})
const hostName = (example: string) =>
  Type.String({ pattern: '^[a-z0-9-]+([.][a-z0-9-]+)*$', errorMessage: `must be a name in small letters, such as ${example}` })
const Web = strictObject({
  host: hostName('www.example.edu'),
  pages: Type.Array(
    strictObject({
      target: Type.String({ pattern: '^/[!-~]*$', errorMessage: 'must be a path, such as /index.html' }),
      type: Type.String({
        pattern: '^[a-z]+/[a-z0-9.+-]+$',
        errorMessage: 'must be a media type in small letters, such as text/plain',
      }),
      body: Sentence,
    }),
    { minItems: 1, maxItems: MAX_LIST_ITEMS },
  ),
  closes: Type.Optional(Type.Boolean()),
})
const TlsSide = strictObject({
  versions: Type.Array(Type.Enum(TLS_VERSIONS), { minItems: 1 }),
  suites: Type.Array(Type.Enum(CIPHER_SUITES.map(({ name }) => name)), { minItems: 1 }),
  groups: Type.Optional(Type.Array(Type.Enum(NAMED_GROUPS), { minItems: 1 })),
  shows: Type.Optional(Type.Array(Type.Enum(IDENTITY_IDS), { minItems: 1 })),
  asks: Type.Optional(Type.Boolean()),
})
const Tls = strictObject({
  name: hostName('bank.example'),
  rules: Type.Optional(Type.Enum(TLS_RULE_SETS)),
  client: TlsSide,
  server: TlsSide,
  eavesdropper: Type.Optional(
    withDescription(
      'Shows, at the goal, what somebody on the wire can compute.',
      strictObject({ leaks: Type.Optional(withDescription("Whose certificate's private key leaks then.", Seat)) }),
    ),
  ),
})
const Milestone = strictObject({
  id: Id,
  deed: withDescription('What earns the point, whichever legal segment brings it.', Deed),
  opens: Type.Optional(
    withDescription('When it opens; at the start where absent. One that never opens leaves the maximum.', Condition),
  ),
  text: withDescription('What is to be done, in the summary.', Text),
  nudge: withDescription('The first hint: a question that leads on.', Text),
  concept: withDescription('The second hint: the rule, with its clause, and never the number itself.', Text),
})
const Question = strictObject({
  id: Id,
  when: Type.Optional(withDescription('When it is asked; at the goal where absent.', Condition)),
  ask: Text,
  shows: Type.Optional(Type.Enum(IDENTITY_IDS, { description: 'The certificates that stand beside it, as a browser shows them.' })),
  rule: Type.Optional(Type.String({ pattern: '^RFC \\d+ [\\d.]+$', errorMessage: 'must be a clause such as RFC 9293 3.6.1' })),
  ordered: Type.Optional(
    Type.Boolean({ description: 'The choices stand in this order; each student has one of their own where absent.' }),
  ),
  choices: Type.Array(
    strictObject({
      text: Text,
      right: Type.Optional(Type.Boolean({ description: 'Exactly one choice is.' })),
      misconception: Type.Optional(Type.Enum(MISCONCEPTIONS, { description: 'What choosing it shows.' })),
      why: withDescription('Why it is right, or what it overlooks.', Text),
    }),
    { minItems: 2, maxItems: 6 },
  ),
})

const Fault = strictObject({
  on: withDescription(
    'The segments that it befalls, by what they mean. gap: whether octets before them have not arrived yet.',
    strictObject(
      { from: Seat, sends: Type.Optional(Sort), acknowledges: Type.Optional(Acknowledged), gap: Type.Optional(Type.Boolean()) },
      { minProperties: 2 },
    ),
  ),
  nth: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: 100 }), Type.Literal('every')], {
      errorMessage: 'must be a number from 1, or every',
    }),
  ),
  do: Type.Enum(['drop', 'corrupt', 'duplicate', 'hold', 'delay', 'pass'], {
    description: 'hold: until the condition `until`. pass: nothing befalls it, whatever the faults after this one say.',
  }),
  until: Type.Optional(Condition),
  after: Type.Optional(withDescription('Milliseconds on the wire; of a held segment, at the latest.', Ms)),
})

const segment = { flags: Flags, seq: Sentence, ack: Type.Optional(Sentence), length: Type.Optional(Octets) }
const Injection = strictObject({
  as: Type.Enum(['stale', 'forged', 'stranger'], { description: 'An old duplicate, a forgery, or of a host that nobody plays.' }),
  to: Seat,
  from: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9.:-]{1,40}$', errorMessage: 'must be a name or an address' })),
  when: Type.Optional(withDescription('When it sets out; as the scene opens where absent.', Condition)),
  after: Type.Optional(Ms),
  segment: strictObject(segment),
})

const Opening = strictObject({
  state: Type.Enum(['CLOSED', 'LISTEN', 'ESTABLISHED']),
  sent: Type.Optional(withDescription('Octets that it has sent, and has had acknowledged, before.', Octets)),
  buffer: Type.Optional(withDescription('Octets of its receive buffer.', Octets)),
  with: Type.Optional(Type.Literal('earlier', { description: "ESTABLISHED with the peer's earlier incarnation." })),
})
const Length = strictObject({ min: Octets, max: Octets })
const Number32 = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })

const BoundName = strictObject({
  of: Seat,
  is: Type.Enum(['iss', 'next', 'earlier', 'stranger'], {
    description:
      'The initial sequence number, SND.NXT at the opening, or the initial number of an earlier incarnation or of a stranger.',
  }),
  before: Type.Optional(withDescription('Of earlier: by how much it lies before the initial sequence number.', Number32)),
})

const Scene = strictObject({
  id: Id,
  family: Type.Optional(
    withDescription('Neighbouring scenes of one family stand in for each other: a round plays one of them.', Id),
  ),
  title: Type.Optional(withDescription('What the scene is about.', Text)),
  brief: withDescription('What each student is told before it begins.', bySeat(Text)),
  shown: Type.Optional(withDescription('What one has seen when it is over.', Text)),
  rules: Type.Optional(
    Type.Enum(TCP_RULE_SETS, { description: 'RFC 9293 where absent. Any other is not TCP, and the page says so.' }),
  ),
  names: Type.Record(Name, BoundName, { additionalProperties: false, description: 'The names of the textbook notation.' }),
  lengths: Type.Optional(
    Type.Record(Name, Length, { additionalProperties: false, description: 'Lengths that each round draws anew, by name.' }),
  ),
  iss: Type.Optional(
    withDescription(
      'From where the initial sequence numbers are drawn.',
      bySomeSeats(strictObject({ min: Number32, max: Number32 })),
    ),
  ),
  times: Type.Optional(
    strictObject({
      transit: Type.Optional(Ms),
      rto: Type.Optional(Ms),
      msl: Type.Optional(Ms),
      userTimeout: Type.Optional(Ms),
      halfOpen: Type.Optional(Ms),
    }),
  ),
  opening: withDescription('How each host stands when the scene begins.', bySeat(Opening)),
  reads: Type.Optional(
    withDescription('Hosts whose application reads only when it calls RECEIVE.', bySomeSeats(Type.Literal('on-RECEIVE'))),
  ),
  backlog: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 16, description: "How many half-open connections the server's listener keeps." }),
  ),
  application: withDescription(
    'The calls of each application, made in this order.',
    bySeat(Type.Array(Step, { maxItems: MAX_LIST_ITEMS })),
  ),
  http: Type.Optional(withDescription('What the server has to offer, where the applications speak HTTP.', Web)),
  tls: Type.Optional(withDescription('What each side can do in TLS, where all that is said goes through it.', Tls)),
  wire: Type.Optional(
    Type.Array(Fault, {
      maxItems: MAX_LIST_ITEMS,
      description: 'What befalls segments on the wire. Of several that match the first does.',
    }),
  ),
  injections: Type.Optional(Type.Array(Injection, { maxItems: MAX_LIST_ITEMS, description: 'Segments that no seat sends.' })),
  trace: Type.Optional(Type.Array(strictObject({ from: Seat, ...segment, state: Type.Optional(State) }), { minItems: 1 })),
  network: Type.Optional(
    strictObject({ may: Type.Array(Type.Enum(WIRE_OPERATIONS)), injections: Type.Optional(Type.Array(Injection)) }),
  ),
  goal: withDescription(
    'The states that end the scene, and what must have been witnessed, once every open milestone has been met.',
    strictObject({ client: State, server: State, when: Type.Optional(Type.Array(Witnessed, { maxItems: MAX_LIST_ITEMS })) }),
  ),
  milestones: withDescription('What each seat earns its points for.', bySeat(Type.Array(Milestone, { maxItems: MAX_LIST_ITEMS }))),
  questions: Type.Optional(
    withDescription('Single choices; each is worth a point.', bySomeSeats(Type.Array(Question, { maxItems: MAX_LIST_ITEMS }))),
  ),
  free: Type.Optional(Type.Boolean({ description: 'Mistakes cost nothing here.' })),
})

export const ExerciseFile = strictObject({
  id: withDescription("The file's name without .yaml.", Id),
  version: Type.Integer({ minimum: 1, description: 'Goes up with every change that a player could notice.' }),
  order: Type.Integer({ minimum: 1, description: 'Lists show the smallest first: the order in which they are best taught.' }),
  topic: Type.Optional(Type.Enum(TOPICS, { description: 'The heading under which lists show it.' })),
  published: Type.Optional(Type.Boolean({ description: 'false: not on the lists; the commands know it all the same.' })),
  title: Text,
  point: withDescription('The one thing that it shows.', Text),
  notation: Type.Enum(NOTATIONS, {
    description: 'How students write numbers: by names (x+1), relative to the initial sequence numbers, or as they are.',
  }),
  attempts: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 9, description: 'Tries that a step has. Where absent: two in an exam, else four.' }),
  ),
  scenes: Type.Array(Scene, { minItems: 1, maxItems: MAX_LIST_ITEMS, description: 'Played in order.' }),
})
export type ExerciseFile = Static<typeof ExerciseFile>

/** The schema as editors read it: JSON Schema. `errorMessage` is said where a value does not fit, here and by them. */
export const JSON_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'An exercise of Handshake Classroom',
  ...ExerciseFile,
}

/** A place in a file, as keys and indices from its root, and what is to be done there. */
export interface Problem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Contradictions between parts of an exercise that is well formed in itself. */
export function findContradictions(exercise: Exercise): Problem[] {
  const problems: Problem[] = []
  exercise.scenes.forEach((scene, i) => {
    for (const { path, message } of findSceneContradictions(scene, exercise))
      problems.push({ path: ['scenes', i, ...path], message })
    const before = exercise.scenes.slice(0, i)
    if (before.some(({ id }) => id === scene.id))
      problems.push({ path: ['scenes', i, 'id'], message: 'is that of an earlier scene: choose another id' })
    const others = before.filter(({ family }) => family === undefined || family !== scene.family)
    for (const seat of SEATS)
      for (const { id } of scoredStepsOf(scene, seat))
        if (others.some((other) => scoredStepsOf(other, seat).some((step) => step.id === id)))
          problems.push({
            path: ['scenes', i, 'milestones', seat],
            message: `has a ${id}, which an earlier scene has already: choose another id`,
          })
  })
  return problems
}

function findSceneContradictions(scene: ExerciseScene, { notation }: Exercise): Problem[] {
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
