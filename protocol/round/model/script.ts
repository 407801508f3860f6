/** An exercise instantiated for one round: numbers fixed, texts left out. Stored in the first log entry, so that a round can be folded without the exercise's file. */
import type { NotationKind } from '../../notation.ts'
import type { Seat } from '../../seat.ts'
import type { Segment } from '../../segment.ts'
import type { Misconception } from '../../findings.ts'
import type { TcpRuleSetName } from '../../tcp/rules.ts'
import type { EndpointConfig } from '../../tls/endpoint/endpoint.ts'
import type { TlsRuleSetName } from '../../tls/keys/rules.ts'
import type {
  ApplicationStep,
  Injection,
  Level,
  WebPage,
  Question,
  Scene,
  ScoredStep,
  Times,
  Tls,
  HttpContent,
} from './exercise.ts'
import type { PartnerStyle } from './partner-styles.ts'

/** Who plays a seat: a person, or the built-in partner. */
export type Player = 'person' | 'partner'

/** What the built-in partner is like, in the seats that it plays or takes over. */
export interface Partner {
  readonly style: PartnerStyle
  /** `human`: it takes the time that a person would. */
  readonly pace: 'human' | 'at-once'
  /** It plants wrong segments now and then, which the other side has to catch. */
  readonly mistakes?: boolean
}

/** An injected segment with its absolute numbers. */
export type ScriptInjection = Omit<Injection, 'segment'> & { readonly segment: Segment }

/** A question's choices in the order in which this round shows them: places in the file. `right`: the place of the right one. */
export interface ScriptQuestion extends Pick<Question, 'id' | 'rule'> {
  readonly order: readonly number[]
  readonly right: number
  /** Of each choice, by its place in the file. */
  readonly misconceptions: readonly (Misconception | null)[]
}

/** What the applications of this round have to say to each other. */
export interface ScriptHttp extends Omit<HttpContent, 'pages'> {
  readonly page: WebPage
}

/** TLS as this round has it. `seed`: of all randomness, in hexadecimal digits. */
export interface ScriptTls extends Pick<Tls, 'eavesdropper'> {
  readonly name: string
  readonly rules: TlsRuleSetName
  readonly seed: string
  readonly client: ScriptTlsSide
  readonly server: ScriptTlsSide
}

/** `suites`: by number. `shows`: its identity, null for none. */
export interface ScriptTlsSide extends Pick<EndpointConfig, 'versions' | 'suites' | 'groups' | 'asksForCertificate'> {
  readonly shows: string | null
}

/** A scene with its numbers. */
export interface ScriptScene extends Pick<Scene, 'id' | 'opening' | 'reads' | 'backlog' | 'wire' | 'goal' | 'free'> {
  readonly rules: TcpRuleSetName
  /** The bound names with their absolute numbers. */
  readonly names: { readonly [name: string]: { readonly of: Seat; readonly value: number } }
  readonly iss: { readonly [S in Seat]: number }
  /** Initial sequence numbers of an earlier incarnation. */
  readonly earlier: { readonly [S in Seat]: number }
  readonly times: Times
  readonly application: { readonly [S in Seat]: readonly ApplicationStep[] }
  readonly http?: ScriptHttp
  readonly tls?: ScriptTls
  readonly injections: readonly ScriptInjection[]
  readonly network?: Omit<NonNullable<Scene['network']>, 'injections'> & { readonly injections: readonly ScriptInjection[] }
  readonly milestones: { readonly [S in Seat]: readonly ScoredStep[] }
  readonly questions: { readonly [S in Seat]: readonly ScriptQuestion[] }
}

export interface Script {
  readonly exercise: string
  readonly version: number
  readonly level: Level
  /** Tries that a step has. Absent in rounds of earlier versions: then it is the own number of the level. */
  readonly attempts?: number
  readonly notation: NotationKind
  readonly scenes: readonly ScriptScene[]
  /** Who plays each seat as the round begins. */
  readonly players: { readonly [S in Seat]: Player }
  readonly partner: Partner
  /** Seeds what the built-in partner leaves to chance. */
  readonly seed: number
  /** Somebody plays the wire: each segment stops there until it is let pass. */
  readonly network: boolean
  /** The earlier incarnation is a round of this pair's own: when it was played, ISO 8601. */
  readonly own?: string
}
