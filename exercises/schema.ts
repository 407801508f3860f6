/**
 * The schema of exercise files. Two files are generated from it: exercise.schema.json, for editors, and the types in
 * protocol/round/model/exercise-file.ts.
 */
import { NOTATIONS } from '../protocol/notation.ts'
import { Type } from 'typebox'
import { MISCONCEPTIONS } from '../protocol/findings.ts'
import { TCP_RULE_SETS } from '../protocol/tcp/rules.ts'
import { NAMED_GROUPS } from '../protocol/tls/format/crypto.ts'
import { TLS_VERSIONS } from '../protocol/tls/format/messages.ts'
import { TLS_RULE_SETS } from '../protocol/tls/keys/rules.ts'
import { CIPHER_SUITES } from '../protocol/tls/format/suites.ts'
import { IDENTITY_IDS } from './certificates.ts'
import { TOPICS, WIRE_OPERATIONS } from '../protocol/round/model/exercise.ts'
import { UPPER_LAYER_MESSAGES } from '../protocol/round/model/upper-layer-messages.ts'
import {
  strictObject,
  MAX_LIST_ITEMS,
  bySeat,
  bySomeSeats,
  withDescription,
  Id,
  Name,
  Octets,
  Ms,
  Sentence,
  Text,
  Seat,
  State,
  Arrival,
  Acknowledged,
  SegmentKind,
  UpperLayerMessage,
  Flags,
  TimerName,
} from './schema-vocabulary.ts'

const CONDITION = {
  been: Type.Optional(withDescription('The host has been in this state.', State)),
  received: Type.Optional(withDescription('This has arrived and was accepted.', Arrival)),
  sent: Type.Optional(withDescription('This has left the host.', SegmentKind)),
  arrived: Type.Optional(withDescription('This has arrived, accepted or not.', SegmentKind)),
  fired: Type.Optional(withDescription('This timer has expired.', TimerName)),
  wrote: Type.Optional(withDescription('Its application has written this message.', UpperLayerMessage)),
  read: Type.Optional(withDescription('Its application has read this message completely.', UpperLayerMessage)),
  window: Type.Optional(Type.Literal('closed', { description: 'The peer has closed its window to it: SND.WND is 0 now.' })),
  times: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'How often; once if absent.' })),
}
const Condition = strictObject(
  { seat: Type.Optional(withDescription('Whose host; if absent, the seat that the condition belongs to.', Seat)), ...CONDITION },
  { minProperties: 1 },
)
const WitnessedCondition = strictObject({ seat: Seat, ...CONDITION }, { minProperties: 2 })

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
    strictObject({ writes: UpperLayerMessage }),
    strictObject({ resends: Arrival }),
    strictObject({ acknowledges: withDescription('window: tells the peer that its window is open again.', Acknowledged) }),
    strictObject({
      answers: withDescription(
        'Sends an ACK for a segment that was not acceptable: a repeated FIN, a SYN on an open connection, data beyond a gap.',
        SegmentKind,
      ),
    }),
    strictObject({ discards: SegmentKind }),
    strictObject({
      says: withDescription('The seat has correctly claimed this state, with a segment or a state claim.', State),
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
  by: Type.Enum(['seat', 'exercise'], {
    description: 'Who makes the call: the student, or the exercise itself as soon as the call is due.',
  }),
  call: Type.Optional(Call),
  write: Type.Optional(
    Type.Enum(['request', 'response'], { description: 'A message that the application writes in place of a call.' }),
  ),
  when: Type.Optional(withDescription('When it is due; if absent, right after the call before it.', Condition)),
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
const HttpContent = strictObject({
  host: withDescription('The host of the URIs: the pages are at http://host/….', hostName('www.example.edu')),
  pages: Type.Array(WebPage, {
    minItems: 1,
    maxItems: MAX_LIST_ITEMS,
    description: 'Each round uses one of them, chosen at random.',
  }),
  closes: Type.Optional(
    Type.Boolean({
      description:
        'Whether the connection is closed after the response, which both messages announce (RFC 9112 9.6); if absent, it stays open.',
    }),
  ),
})
const TlsSide = strictObject({
  versions: Type.Array(Type.Enum(TLS_VERSIONS), { minItems: 1, description: 'The preferred first.' }),
  suites: Type.Array(Type.Enum(CIPHER_SUITES.map(({ name }) => name)), { minItems: 1, description: 'The preferred first.' }),
  groups: Type.Optional(
    Type.Array(Type.Enum(NAMED_GROUPS), { minItems: 1, description: 'The preferred first; if absent, both, x25519 first.' }),
  ),
  shows: Type.Optional(
    Type.Array(Type.Enum(IDENTITY_IDS), {
      minItems: 1,
      description:
        'Identities of certificates.json; each round uses one, chosen at random. If absent, the side has no certificate.',
    }),
  ),
  asks: Type.Optional(Type.Boolean({ description: 'The server asks for a client certificate.' })),
})
const Tls = strictObject({
  name: withDescription('The server name that the client sends and checks in the certificate.', hostName('bank.example')),
  rules: Type.Optional(
    Type.Enum(TLS_RULE_SETS, {
      description: 'TLS as in the RFCs if absent. Other rule sets are counterfactual, and the page says so.',
    }),
  ),
  client: TlsSide,
  server: TlsSide,
  autopilot: Type.Optional(
    Type.Array(UpperLayerMessage, {
      minItems: 1,
      description:
        'Messages that TLS sends by itself as soon as they are due, in rounds with TCP on autopilot. They earn nothing then. If absent, none.',
    }),
  ),
  eavesdropper: Type.Optional(
    withDescription(
      'Shows, at the goal, what an eavesdropper can compute.',
      strictObject({
        leaks: Type.Optional(withDescription("The seat whose certificate's private key the eavesdropper learns then.", Seat)),
      }),
    ),
  ),
  interceptor: Type.Optional(
    withDescription(
      'A man in the middle, who answers with a certificate of his own, reads and passes on. Shows, at the goal, what he has read and sent.',
      strictObject({
        shows: Type.Enum(IDENTITY_IDS, {
          description: "The identity that he presents in the server's place. Its certificates are as long as the server's.",
        }),
        changes: Type.Optional(
          Type.Array(strictObject({ text: Sentence, into: Sentence }), {
            minItems: 1,
            maxItems: MAX_LIST_ITEMS,
            description: 'What he changes in the data, everywhere: into something of the same length.',
          }),
        ),
      }),
    ),
  ),
})
const Milestone = strictObject({
  id: Id,
  deed: withDescription('What earns the point, by whichever legal segment.', Deed),
  opens: Type.Optional(
    withDescription(
      'When it opens; if absent, at the start of the scene. One that never opens does not count towards the maximum.',
      Condition,
    ),
  ),
  text: withDescription('What to do, as the summary states it.', Text),
  nudge: withDescription('The first hint: a question that helps the student on.', Text),
  concept: withDescription('The second hint: the rule, with its clause, and never the number itself.', Text),
})
const QUESTION = {
  id: Id,
  ask: Text,
  shows: Type.Optional(
    Type.Enum(IDENTITY_IDS, {
      description: 'An identity whose certificates are shown with the question, as a browser shows them.',
    }),
  ),
  rule: Type.Optional(
    Type.String({
      pattern: '^RFC \\d+ ([A-Z]\\.)?[\\d.]+$',
      errorMessage: 'must be a clause such as RFC 9293 3.6.1',
      description: 'The clause of the RFC that decides it.',
    }),
  ),
  ordered: Type.Optional(
    Type.Boolean({ description: 'The choices are shown in this order; if absent, each student sees a random order.' }),
  ),
  choices: Type.Array(
    strictObject({
      text: Text,
      right: Type.Optional(Type.Boolean({ description: 'Exactly one choice must be right.' })),
      misconception: Type.Optional(Type.Enum(MISCONCEPTIONS, { description: 'The misconception that choosing it reveals.' })),
      why: withDescription('Why it is right, or what it overlooks.', Text),
    }),
    { minItems: 2, maxItems: 6 },
  ),
}

const Question = strictObject({
  ...QUESTION,
  when: Type.Optional(withDescription('When it is asked; at the goal if absent.', Condition)),
})
const PoolQuestion = strictObject({
  ...QUESTION,
  scenes: Type.Optional(
    Type.Array(Id, { minItems: 1, description: 'Asked only in rounds that play one of these scenes; if absent, in any round.' }),
  ),
})

const Fault = strictObject({
  on: withDescription(
    'The segments that it applies to. gap: whether earlier octets have not arrived yet.',
    strictObject(
      {
        from: Seat,
        sends: Type.Optional(SegmentKind),
        acknowledges: Type.Optional(
          withDescription('window: acknowledges nothing new, but opens a window that was closed.', Acknowledged),
        ),
        gap: Type.Optional(Type.Boolean()),
      },
      { minProperties: 2 },
    ),
  ),
  nth: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: 100 }), Type.Literal('every')], {
      errorMessage: 'must be a number from 1, or every',
      description:
        'Which of the matching segments of the scene, from 1; the first if absent. every: all of them until the condition `until` holds.',
    }),
  ),
  do: Type.Enum(['drop', 'corrupt', 'duplicate', 'hold', 'delay', 'pass'], {
    description:
      'corrupt: it arrives with a wrong checksum, and the host drops it. hold: until the condition `until` holds. ' +
      'pass: it arrives normally, and the faults after this one are ignored.',
  }),
  until: Type.Optional(withDescription('The condition that ends `hold` and `every`.', Condition)),
  after: Type.Optional(
    withDescription(
      'World ms that the segment is on the wire: for delay and the copy of duplicate; for hold the maximum; for drop the time until it is lost.',
      Ms,
    ),
  ),
})

const segmentProperties = { flags: Flags, seq: Sentence, ack: Type.Optional(Sentence), length: Type.Optional(Octets) }
const Injection = strictObject({
  as: Type.Enum(['stale', 'forged', 'stranger'], {
    description: 'An old duplicate, a forged segment, or a segment from a host that nobody plays.',
  }),
  to: Seat,
  from: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9.:-]{1,40}$',
      errorMessage: 'must be a name or an address',
      description: "The stranger's name, used as its address.",
    }),
  ),
  when: Type.Optional(withDescription('When it is sent; if absent, at the start of the scene.', Condition)),
  after: Type.Optional(withDescription('World ms until it arrives; if absent, it arrives at once.', Ms)),
  segment: withDescription('Its numbers in the names of the scene, such as z+1.', strictObject(segmentProperties)),
})
const TraceLine = strictObject({
  from: Seat,
  ...segmentProperties,
  state: Type.Optional(withDescription("The sender's state afterwards.", State)),
})

const Opening = strictObject({
  state: Type.Enum(['CLOSED', 'LISTEN', 'ESTABLISHED']),
  sent: Type.Optional(withDescription('Octets that it has sent before, all acknowledged.', Octets)),
  buffer: Type.Optional(
    withDescription('Octets of its receive buffer; if absent, 65535, the largest window without scaling.', Octets),
  ),
  with: Type.Optional(
    Type.Literal('earlier', {
      description: 'ESTABLISHED in an earlier incarnation of the connection: the peer has lost its state since then.',
    }),
  ),
})
const Length = strictObject({ min: Octets, max: Octets })
const SequenceNumber = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })

const BoundName = strictObject({
  of: Seat,
  is: Type.Enum(['iss', 'next', 'earlier', 'stranger'], {
    description:
      'The initial sequence number, SND.NXT at the opening, or the initial number of an earlier incarnation or of a stranger.',
  }),
  before: Type.Optional(
    withDescription(
      'For earlier: its distance before the initial sequence number. If absent, random, and more than a window.',
      SequenceNumber,
    ),
  ),
})

const Scene = strictObject({
  id: Id,
  family: Type.Optional(
    withDescription('Adjacent scenes of one family are alternatives: a round plays one of them, chosen at random.', Id),
  ),
  title: Type.Optional(withDescription('What the scene is about.', Text)),
  brief: withDescription('The introduction for each student.', bySeat(Text)),
  shown: Type.Optional(withDescription('The conclusion, shown at the end of the scene.', Text)),
  rules: Type.Optional(
    Type.Enum(TCP_RULE_SETS, { description: 'RFC 9293 if absent. Other rule sets are counterfactual, and the page says so.' }),
  ),
  names: Type.Record(Name, BoundName, { additionalProperties: false, description: 'The names of the textbook notation.' }),
  lengths: Type.Optional(
    Type.Record(Name, Length, { additionalProperties: false, description: 'Random lengths, by name; each round has its own.' }),
  ),
  iss: Type.Optional(
    withDescription(
      'The ranges of the random initial sequence numbers; if absent, all numbers.',
      bySomeSeats(strictObject({ min: SequenceNumber, max: SequenceNumber })),
    ),
  ),
  times: Type.Optional(
    strictObject({
      transit: Type.Optional(Ms),
      rto: Type.Optional(Ms),
      msl: Type.Optional(Ms),
      userTimeout: Type.Optional(Ms),
      halfOpen: Type.Optional(withDescription("World ms for which a stranger's half-open connection is kept.", Ms)),
    }),
  ),
  opening: withDescription('The state of each host when the scene begins.', bySeat(Opening)),
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
  http: Type.Optional(withDescription('The pages of the server, if the applications speak HTTP.', HttpContent)),
  tls: Type.Optional(withDescription('The TLS configuration of both sides, if the applications speak through TLS.', Tls)),
  wire: Type.Optional(
    Type.Array(Fault, {
      maxItems: MAX_LIST_ITEMS,
      description: 'Faults of the wire. The first one that matches a segment applies.',
    }),
  ),
  injections: Type.Optional(Type.Array(Injection, { maxItems: MAX_LIST_ITEMS, description: 'Segments that no seat sends.' })),
  trace: Type.Optional(
    Type.Array(TraceLine, {
      minItems: 1,
      description: 'A recorded conversation that the scene is about, in the names of the scene.',
    }),
  ),
  network: Type.Optional(
    withDescription(
      'What a network seat may do besides letting segments pass; if absent, the scene has no network seat.',
      strictObject({ may: Type.Array(Type.Enum(WIRE_OPERATIONS)), injections: Type.Optional(Type.Array(Injection)) }),
    ),
  ),
  goal: withDescription(
    'The states that end the scene, once every open milestone is met and the conditions under `when` hold.',
    strictObject({
      client: State,
      server: State,
      when: Type.Optional(Type.Array(WitnessedCondition, { maxItems: MAX_LIST_ITEMS })),
    }),
  ),
  milestones: withDescription(
    'The milestones of each seat; each is worth a point.',
    bySeat(Type.Array(Milestone, { maxItems: MAX_LIST_ITEMS })),
  ),
  questions: Type.Optional(
    withDescription(
      'Single-choice questions; each is worth a point.',
      bySomeSeats(Type.Array(Question, { maxItems: MAX_LIST_ITEMS })),
    ),
  ),
  free: Type.Optional(Type.Boolean({ description: 'Mistakes cost no points in this scene.' })),
})

/** The schema of a whole file, as a TypeBox schema. */
export const EXERCISE_FILE = strictObject({
  id: withDescription('The file name without .yaml.', Id),
  version: Type.Integer({ minimum: 1, description: 'Increases with every change that a player could notice.' }),
  order: Type.Integer({ minimum: 1, description: 'The position in lists, smallest first: the recommended order of teaching.' }),
  topic: Type.Optional(Type.Enum(TOPICS, { description: 'The heading under which lists show it.' })),
  published: Type.Optional(Type.Boolean({ description: 'false: not in lists, but available to the commands.' })),
  title: Text,
  point: withDescription(
    'What it is about, in a sentence. Lists show it before the exercise is played, so it must not give an answer away: `shown` may.',
    Text,
  ),
  notation: Type.Enum(NOTATIONS, {
    description: 'How students write numbers: with names (x+1), relative to the initial sequence numbers, or absolute.',
  }),
  tcp: Type.Optional(
    Type.Literal('autopilot', {
      description:
        'Both hosts send and answer segments by themselves; the students make calls and write messages. Milestones about TCP are left out. ' +
        'The teacher may have TCP played by hand all the same. If absent, it always is.',
    }),
  ),
  attempts: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 9, description: 'Attempts at each step; if absent, two in an exam and four otherwise.' }),
  ),
  scenes: Type.Array(Scene, { minItems: 1, maxItems: MAX_LIST_ITEMS, description: 'Played in order.' }),
  pool: Type.Optional(
    withDescription(
      'Closing questions of each seat. A round asks one of them, chosen at random, at the goal of its last scene. ' +
        'A student is asked none a second time while there are others.',
      bySomeSeats(Type.Array(PoolQuestion, { minItems: 1, maxItems: MAX_LIST_ITEMS })),
    ),
  ),
})

/** The parts of the schema that become named types, by type name, each with its docstring. */
export const NAMED_PARTS = {
  LocalizedText: withDescription('A text in every language.', Text),
  Condition: withDescription(
    "A condition on the history of a seat's host in this scene. All properties that are given must hold.",
    Condition,
  ),
  WitnessedCondition: withDescription('A condition that names its seat.', WitnessedCondition),
  UserCallTemplate: withDescription('A user call as written in a file: octets may be the name of a random length.', Call),
  MilestoneDeed: withDescription('What meets a milestone: an effect or a state, by whichever legal segment.', Deed),
  ApplicationStepTemplate: withDescription(
    "One step of an application's script: a user call, or a message that it writes. Steps are executed in order.",
    Step,
  ),
  HttpContent: withDescription('What the applications exchange in HTTP/1.1.', HttpContent),
  WebPage: withDescription('A page that the server serves and the client requests.', WebPage),
  TlsSide: withDescription('The TLS configuration of one host.', TlsSide),
  Tls: withDescription(
    'The TLS connection between the applications, with real octets and real keys. ' +
      "The hosts' clocks show the round's world time.",
    Tls,
  ),
  Milestone: withDescription('Something that a seat is to do or to achieve.', Milestone),
  Question: withDescription('A single-choice question. It counts as a milestone of the same id.', Question),
  PoolQuestion: withDescription(
    'A closing question, which a round may draw. Once drawn, it is a question of the last scene.',
    PoolQuestion,
  ),
  WireFault: withDescription('What the wire does with certain segments.', Fault),
  Injection: withDescription(
    'A segment that no seat sends: an old duplicate, a forged segment, or a segment from a stranger, a host that nobody plays.',
    Injection,
  ),
  TraceLine: withDescription('A line of a recorded conversation.', TraceLine),
  Opening: withDescription('The state of a host when the scene begins.', Opening),
  LengthRange: withDescription('The range of a random length, both ends included.', Length),
  BoundName: withDescription('A name of the textbook notation: the seat and the number that it stands for.', BoundName),
  Scene: withDescription('A part of an exercise, from an opening position to a goal, under one rule set.', Scene),
  ExerciseFile: withDescription('The content of an exercise file.', EXERCISE_FILE),
}

/** The schema as JSON Schema, for editors. `errorMessage` (an extension) replaces the standard message, in editors and in load.ts. */
export const JSON_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'An exercise of Handshake Classroom',
  ...EXERCISE_FILE,
}
