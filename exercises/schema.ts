/**
 * What a file in `exercises/` may say: its shape, as a schema. Made from the schema are exercise.schema.json, for
 * editors, and the types in protocol/round/model/exercise-file.ts.
 */
import { NOTATIONS } from '../protocol/notation.ts'
import { SEATS } from '../protocol/seat.ts'
import { Type, type TProperties, type TSchema } from 'typebox'
import { CONTROL_BITS, SEGMENT_KINDS } from '../protocol/segment.ts'
import { MISCONCEPTIONS } from '../protocol/findings.ts'
import { TCP_RULE_SETS } from '../protocol/tcp/rules.ts'
import { STATES } from '../protocol/tcp/states.ts'
import { NAMED_GROUPS } from '../protocol/tls/format/crypto.ts'
import { TLS_VERSIONS } from '../protocol/tls/format/messages.ts'
import { TLS_RULE_SETS } from '../protocol/tls/keys/rules.ts'
import { CIPHER_SUITES } from '../protocol/tls/format/suites.ts'
import { IDENTITY_IDS } from './certificates.ts'
import { TOPICS, WIRE_OPERATIONS } from '../protocol/round/model/exercise.ts'
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
  window: Type.Optional(Type.Literal('closed', { description: 'The peer has closed its window to it: SND.WND is 0 now.' })),
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
    strictObject({
      sends: Type.Enum(['SYN', 'data', 'FIN', 'RST', 'probe', ...UPPER_LAYER_MESSAGES], {
        description: 'A message is sent once a segment with its last octet leaves.',
      }),
    }),
    strictObject({ writes: Utterance }),
    strictObject({ resends: Arrival }),
    strictObject({ acknowledges: withDescription('window: tells the peer that its window is open again.', Acknowledged) }),
    strictObject({
      answers: withDescription(
        'Answers, with an ACK, what came but could not be taken in: a FIN again, a SYN on an open connection, data beyond a gap.',
        Sort,
      ),
    }),
    strictObject({ discards: Sort }),
    strictObject({
      says: withDescription('The seat has rightly said, with a segment or a claim, that it is in this state.', State),
    }),
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
const WebPage = strictObject({
  target: Type.String({ pattern: '^/[!-~]*$', errorMessage: 'must be a path, such as /index.html' }),
  type: Type.String({
    pattern: '^[a-z]+/[a-z0-9.+-]+$',
    errorMessage: 'must be a media type in small letters, such as text/plain',
    description: 'Content-Type.',
  }),
  body: Sentence,
})
const Web = strictObject({
  host: withDescription('The authority of the URI: the pages lie under http://host.', hostName('www.example.edu')),
  pages: Type.Array(WebPage, { minItems: 1, maxItems: MAX_LIST_ITEMS, description: 'Each round draws one of them.' }),
  closes: Type.Optional(
    Type.Boolean({
      description: 'The connection is closed afterwards, and both messages say so (RFC 9112 9.6). It stays open where absent.',
    }),
  ),
})
const TlsSide = strictObject({
  versions: Type.Array(Type.Enum(TLS_VERSIONS), { minItems: 1, description: 'The preferred first.' }),
  suites: Type.Array(Type.Enum(CIPHER_SUITES.map(({ name }) => name)), { minItems: 1, description: 'The preferred first.' }),
  groups: Type.Optional(
    Type.Array(Type.Enum(NAMED_GROUPS), { minItems: 1, description: 'The preferred first; both, x25519 first, where absent.' }),
  ),
  shows: Type.Optional(
    Type.Array(Type.Enum(IDENTITY_IDS), {
      minItems: 1,
      description: 'The identities in certificates.json of which each round draws one; it has none where absent.',
    }),
  ),
  asks: Type.Optional(Type.Boolean({ description: 'A server that wants to know who the client is.' })),
})
const Tls = strictObject({
  name: withDescription('The name that the client asks for, and looks for in the certificate.', hostName('bank.example')),
  rules: Type.Optional(Type.Enum(TLS_RULE_SETS, { description: 'TLS where absent. Any other is not, and the page says so.' })),
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
  rule: Type.Optional(
    Type.String({
      pattern: '^RFC \\d+ [\\d.]+$',
      errorMessage: 'must be a clause such as RFC 9293 3.6.1',
      description: 'The clause that decides it.',
    }),
  ),
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
      {
        from: Seat,
        sends: Type.Optional(Sort),
        acknowledges: Type.Optional(
          withDescription('window: nothing new but that a window which was closed to the peer is open again.', Acknowledged),
        ),
        gap: Type.Optional(Type.Boolean()),
      },
      { minProperties: 2 },
    ),
  ),
  nth: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: 100 }), Type.Literal('every')], {
      errorMessage: 'must be a number from 1, or every',
      description: 'Which of them, counted in the scene: the first where absent. every: all, as long as `until` does not hold.',
    }),
  ),
  do: Type.Enum(['drop', 'corrupt', 'duplicate', 'hold', 'delay', 'pass'], {
    description:
      'corrupt: it arrives with a checksum that fails, and the host drops it. hold: until the condition `until`. ' +
      'pass: nothing befalls it, whatever the faults after this one say.',
  }),
  until: Type.Optional(withDescription('What ends `hold` and `every`.', Condition)),
  after: Type.Optional(
    withDescription(
      'World ms on the wire: of a delayed segment or a copy, at the latest of a held one, before a dropped one is lost.',
      Ms,
    ),
  ),
})

const segment = { flags: Flags, seq: Sentence, ack: Type.Optional(Sentence), length: Type.Optional(Octets) }
const Injection = strictObject({
  as: Type.Enum(['stale', 'forged', 'stranger'], { description: 'An old duplicate, a forgery, or of a host that nobody plays.' }),
  to: Seat,
  from: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9.:-]{1,40}$',
      errorMessage: 'must be a name or an address',
      description: "A stranger's name, which stands for its address.",
    }),
  ),
  when: Type.Optional(withDescription('When it sets out; as the scene opens where absent.', Condition)),
  after: Type.Optional(withDescription('World ms that it is still on its way; it arrives at once where absent.', Ms)),
  segment: withDescription('Its numbers in the names of the scene, as z+1.', strictObject(segment)),
})
const TraceLine = strictObject({
  from: Seat,
  ...segment,
  state: Type.Optional(withDescription("The sender's state afterwards.", State)),
})

const Opening = strictObject({
  state: Type.Enum(['CLOSED', 'LISTEN', 'ESTABLISHED']),
  sent: Type.Optional(withDescription('Octets that it has sent, and has had acknowledged, before.', Octets)),
  buffer: Type.Optional(withDescription('Octets of its receive buffer; the largest window without scaling where absent.', Octets)),
  with: Type.Optional(
    Type.Literal('earlier', {
      description: 'ESTABLISHED in an earlier incarnation of the connection: the peer has lost its memory since.',
    }),
  ),
})
const Length = strictObject({ min: Octets, max: Octets })
const Number32 = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })

const BoundName = strictObject({
  of: Seat,
  is: Type.Enum(['iss', 'next', 'earlier', 'stranger'], {
    description:
      'The initial sequence number, SND.NXT at the opening, or the initial number of an earlier incarnation or of a stranger.',
  }),
  before: Type.Optional(
    withDescription(
      'Of earlier: by how much it lies before the initial sequence number. Drawn where absent: by more than a window.',
      Number32,
    ),
  ),
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
      'From where the initial sequence numbers are drawn; from all where absent.',
      bySomeSeats(strictObject({ min: Number32, max: Number32 })),
    ),
  ),
  times: Type.Optional(
    strictObject({
      transit: Type.Optional(Ms),
      rto: Type.Optional(Ms),
      msl: Type.Optional(Ms),
      userTimeout: Type.Optional(Ms),
      halfOpen: Type.Optional(withDescription("Milliseconds for which a stranger's half-open connection is kept.", Ms)),
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
  trace: Type.Optional(
    Type.Array(TraceLine, { minItems: 1, description: 'A recorded conversation that the scene is about, in its names.' }),
  ),
  network: Type.Optional(
    withDescription(
      'What a network seat may do beyond letting segments pass; it plays no part where absent.',
      strictObject({ may: Type.Array(Type.Enum(WIRE_OPERATIONS)), injections: Type.Optional(Type.Array(Injection)) }),
    ),
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

export const EXERCISE_FILE = strictObject({
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

/** The parts of the schema that are types of their own, by the types' names, with what each is. */
export const NAMED_PARTS = {
  LocalizedText: withDescription('A text in every language.', Text),
  Condition: withDescription(
    "Something that is or has become true of a seat's host in this scene. All that are named must hold.",
    Condition,
  ),
  WitnessedCondition: withDescription('A condition that says whose host it is about.', Witnessed),
  UserCallTemplate: withDescription('A call as it stands in the file: octets may be the name of a drawn length.', Call),
  MilestoneDeed: withDescription('What earns a milestone: an effect or a state, whichever legal segment brings it about.', Deed),
  ApplicationStepTemplate: withDescription(
    "One step of an application's script: a call, or a message that it writes. Steps are made in order.",
    Step,
  ),
  HttpContent: withDescription('What the applications have to say to each other in HTTP/1.1.', Web),
  WebPage: withDescription('Something that the server has and the client wants.', WebPage),
  TlsSide: withDescription('What a host can do in TLS.', TlsSide),
  Tls: withDescription(
    'What stands between TCP and the applications: a TLS connection of its own choices, with real octets and real keys. ' +
      "The hosts' clocks stand at the round's world time.",
    Tls,
  ),
  Milestone: withDescription('Something that a seat is to do or to reach.', Milestone),
  Question: withDescription('A single choice. It is a milestone of its own, with its id.', Question),
  WireFault: withDescription('What the wire does with segments of one meaning.', Fault),
  Injection: withDescription(
    'A segment that no seat sends: an old duplicate, a forgery, or one of a stranger, a host that nobody plays.',
    Injection,
  ),
  TraceLine: withDescription('A line of a recorded conversation.', TraceLine),
  Opening: withDescription('How a host stands when the scene opens.', Opening),
  LengthRange: withDescription('A length that each round draws anew, both ends included.', Length),
  BoundName: withDescription('A name of the textbook notation: whose number it is, and which.', BoundName),
  Scene: withDescription('One act of an exercise: from an opening position to a goal, under one set of rules.', Scene),
  ExerciseFile: withDescription('All that a file says.', EXERCISE_FILE),
}

/** The schema as editors read it: JSON Schema. `errorMessage` is said where a value does not fit, here and by them. */
export const JSON_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'An exercise of Handshake Classroom',
  ...EXERCISE_FILE,
}
