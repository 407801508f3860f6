/**
 * The script: an exercise instantiated for one round, with its numbers fixed and its texts left out. It is stored in the first log entry,
 * so that a round can be folded without the exercise's file.
 */
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

/** How the built-in partner plays, in the seats that it has from the beginning and those that it takes over. */
export interface Partner {
  readonly style: PartnerStyle
  /** `human`: it takes as long as a person would. */
  readonly pace: 'human' | 'at-once'
  /** It occasionally plants wrong segments, which the other side has to recognise. */
  readonly mistakes?: boolean
  /**
   * Only in practice: it fills in the next segment of the person beside it, and leaves one or two fields open. Such a round counts in no
   * score.
   */
  readonly leaves?: 'one-field' | 'two-fields'
}

/** A student whom a program plays, in a rehearsal. */
export interface SimulatedStudent {
  /** Seed of all decisions. */
  readonly seed: number
  /** Probability, from 0 to 1, that an act is tried wrongly first. Each further wrong try of a step is half as likely. */
  readonly mistakes: number
  /** How many times as fast as a person. */
  readonly speed: number
}

/** An injection with absolute sequence and acknowledgment numbers. */
export type ScriptInjection = Omit<Injection, 'segment'> & { readonly segment: Segment }

/** A question. `order`: the choices in the order that this round shows, as indices in the file. `right`: index of the right one. */
export interface ScriptQuestion extends Pick<Question, 'id' | 'rule'> {
  readonly order: readonly number[]
  readonly right: number
  /** For each choice, by its index in the file, the misconception behind it. */
  readonly misconceptions: readonly (Misconception | null)[]
  /** It is answered alone and, once the pair has talked about it, again. Only the first answer counts. */
  readonly discussed?: true
}

/** What the applications of this round exchange over HTTP: one page of those that the exercise offers. */
export interface ScriptHttp extends Omit<HttpContent, 'pages'> {
  readonly page: WebPage
}

/** TLS in this round. `name`: the server's name. `seed`: hexadecimal digits from which all randomness of TLS is derived. */
export interface ScriptTls extends Pick<Tls, 'eavesdropper' | 'interceptor' | 'autopilot'> {
  readonly name: string
  readonly rules: TlsRuleSetName
  readonly seed: string
  readonly client: ScriptTlsSide
  readonly server: ScriptTlsSide
}

/** One side of TLS. `suites`: cipher suites by number. `shows`: id of the identity that it presents; null if it presents none. */
export interface ScriptTlsSide extends Pick<EndpointConfig, 'versions' | 'suites' | 'groups' | 'asksForCertificate'> {
  readonly shows: string | null
}

/** A scene with its numbers fixed. */
export interface ScriptScene extends Pick<Scene, 'id' | 'opening' | 'reads' | 'backlog' | 'wire' | 'goal' | 'free'> {
  /** Its milestones count in no score. Absent in rounds of earlier versions, where those of free scenes counted. */
  readonly uncounted?: true
  readonly rules: TcpRuleSetName
  /** The bound names with their absolute numbers. `of`: the seat whose number it is. */
  readonly names: { readonly [name: string]: { readonly of: Seat; readonly value: number } }
  readonly iss: { readonly [S in Seat]: number }
  /** Initial sequence numbers of an earlier incarnation of the connection. */
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
  /** How many attempts each step allows. Absent in rounds of earlier versions, where the level's default applies. */
  readonly attempts?: number
  readonly notation: NotationKind
  /** Both hosts send and answer segments by themselves, see `rules/autopilot.ts`. Absent: the students play TCP by hand. */
  readonly tcp?: 'autopilot'
  readonly scenes: readonly ScriptScene[]
  /** Who plays each seat when the round begins. */
  readonly players: { readonly [S in Seat]: Player }
  readonly partner: Partner
  /** Persons' seats that a program plays, in a rehearsal. */
  readonly simulated?: { readonly [S in Seat]?: SimulatedStudent }
  /** Seed of the built-in partner's random decisions. */
  readonly seed: number
  /** Somebody plays the network seat: in its scenes, each segment stops on the wire until it is let pass. */
  readonly network: boolean
  /** When the earlier incarnation was played (ISO 8601). Present only if that was an earlier round of this same pair. */
  readonly own?: string
}
