/** What an exercise says, as data. Files in `exercises/` are read and checked into this shape; `script.ts` is what one round plays of it. */
import type { NotationKind } from '../../notation.ts'
import type { Seat } from '../../seat.ts'
import type { UserCall } from '../../tcp/user-calls.ts'
import type { BitName, SegmentKind } from '../../segment.ts'
import type { Misconception } from '../../findings.ts'
import type { TcpRuleSetName } from '../../tcp/rules.ts'
import type { NamedGroup } from '../../tls/format/crypto.ts'
import type { TlsVersion } from '../../tls/format/messages.ts'
import type { TlsRuleSetName } from '../../tls/keys/rules.ts'
import type { State, Timer } from '../../tcp/tcb.ts'
import type { UpperLayerMessage } from './upper-layer-messages.ts'

export const LEVELS = ['guided', 'standard', 'exam'] as const
export type Level = (typeof LEVELS)[number]

/** Tries that a step has, where the exercise does not say otherwise. */
export const DEFAULT_ATTEMPTS: { readonly [L in Level]: number } = { guided: 4, standard: 4, exam: 2 }

export const LANGS = ['en', 'zh'] as const
export type Lang = (typeof LANGS)[number]
/** A text in every language. */
export type LocalizedText = { readonly [L in Lang]: string }

/** Something that is or has become true of a seat's host in this scene. All that are named must hold. */
export interface Condition {
  /** Whose host; the seat that the condition belongs to, where absent. */
  readonly seat?: Seat
  /** Its TCB has been in this state. */
  readonly been?: State
  /** This has arrived there and was taken in. */
  readonly received?: 'SYN' | 'data' | 'FIN'
  /** This has left it, has arrived there (taken in or not), or one of its timers has gone off: as often as `times`. */
  readonly sent?: SegmentKind
  readonly arrived?: SegmentKind
  readonly fired?: Timer
  /** Its application has written this, or has been given all of it: as often as `times`. */
  readonly wrote?: UpperLayerMessage
  readonly read?: UpperLayerMessage
  /** The peer has closed its window to it: SND.WND is 0 now. */
  readonly window?: 'closed'
  /** Once, where absent. */
  readonly times?: number
}

/** One step of an application's script: a call, or a message that it writes. Steps are made in order. */
export interface ApplicationStep {
  readonly call?: UserCall
  /** The message of the scene's `http`. Its octets are the engine's to count: it calls SEND with them. */
  readonly write?: 'request' | 'response'
  /** `seat`: the student makes it. `exercise`: it is made as soon as `when` holds. */
  readonly by: 'seat' | 'exercise'
  readonly when?: Condition
}

/** What the applications have to say to each other in HTTP/1.1, under `http://host`. Each round draws one of the pages. */
export interface HttpContent {
  /** The authority of the URI, in small letters. */
  readonly host: string
  readonly pages: readonly WebPage[]
  /** They close the connection afterwards, and both messages say so (RFC 9112 9.6). It stays open, where absent. */
  readonly closes?: boolean
}

/**
 * What stands between TCP and the applications: a TLS connection of one's own choices, real octets and real keys. Certificates are those of
 * `certificates.json`, by their ids. The clocks of the hosts stand at the round's world time, from its epoch on.
 */
export interface Tls {
  /** The name that the client asks for, and looks for in the certificate. */
  readonly name: string
  /** TLS where absent. Any other is not, and the page says so. */
  readonly rules?: TlsRuleSetName
  readonly client: TlsSide
  readonly server: TlsSide
  /** Somebody records all that is on the wire. At the scene's goal everybody sees what can be computed from it, and how. */
  readonly eavesdropper?: Eavesdropper
}

export interface Eavesdropper {
  /** The private key of this seat's certificate leaks then, and the eavesdropper tries again with it. None does, where absent. */
  readonly leaks?: Seat
}

/** What a host can do in TLS, the preferred first. */
export interface TlsSide {
  readonly versions: readonly TlsVersion[]
  /** By name. */
  readonly suites: readonly string[]
  /** Both, x25519 first, where absent. */
  readonly groups?: readonly NamedGroup[]
  /** The identities of which each round draws one; it has none, where absent. */
  readonly shows?: readonly string[]
  /** A server that wants to know who the client is. */
  readonly asks?: boolean
}

/** Something that the server has and the client wants. */
export interface WebPage {
  readonly target: string
  /** Content-Type. */
  readonly type: string
  readonly body: string
}

/** What earns a milestone: an effect or a state, whichever legal segment brings it about. */
export type Deed =
  | { readonly calls: UserCall['call'] }
  /** A message is sent once a segment with its last octet leaves. */
  | { readonly sends: 'SYN' | 'data' | 'FIN' | 'RST' | 'probe' | UpperLayerMessage }
  | { readonly writes: UpperLayerMessage }
  | { readonly resends: 'SYN' | 'data' | 'FIN' }
  /** `window`: tells the peer that its window is open again. */
  | { readonly acknowledges: 'SYN' | 'data' | 'FIN' | 'window' }
  /** Answers, with an ACK, what came but could not be taken in: a FIN again, a SYN on an open connection, data beyond a gap. */
  | { readonly answers: SegmentKind }
  | { readonly discards: SegmentKind }
  /** The seat has rightly said, with a segment or a claim, that it is in this state. */
  | { readonly says: State }
  /** Answers this question of the scene. */
  | { readonly chooses: string }

export interface Milestone {
  readonly id: string
  readonly deed: Deed
  /** When it opens; at the start, where absent. One that never opened leaves the maximum. */
  readonly opens?: Condition
  readonly text: LocalizedText
  /** The first two rungs of the hint: a nudge, and the concept with its rule. The third, the answer, is the engine's. */
  readonly nudge: LocalizedText
  readonly concept: LocalizedText
}

/** A single choice. It is a milestone of its own, with its id. */
export interface Question {
  readonly id: string
  /** When it is asked; at the goal, where absent. */
  readonly when?: Condition
  readonly ask: LocalizedText
  /** The identity whose certificates stand beside the question, as a browser shows them. */
  readonly shows?: string
  /** The clause that decides it, as `RFC 9293 3.6.1`. */
  readonly rule?: string
  /** The choices have an order of their own, as lines have, and are shown as they stand; in a drawn one where absent. */
  readonly ordered?: boolean
  readonly choices: readonly {
    readonly text: LocalizedText
    /** Exactly one is. */
    readonly right?: boolean
    /** The misconception that choosing it shows. */
    readonly misconception?: Misconception
    /** What choosing it shows: why it is right, or what it overlooks. */
    readonly why: LocalizedText
  }[]
}

/** A name of the textbook notation: whose number it is, and which. */
export interface BoundName {
  readonly of: Seat
  /**
   * `iss`: the initial sequence number. `next`: SND.NXT at the opening. `earlier`: the initial sequence number of an earlier
   * incarnation of the connection. `stranger`: one of a stranger's on this side.
   */
  readonly is: 'iss' | 'next' | 'earlier' | 'stranger'
  /** Of `earlier`: by how much it lies before the initial sequence number. Drawn anew, where absent: by more than a window. */
  readonly before?: number
}

/** A length that each round draws anew, in octets, both ends included. */
export interface LengthRange {
  readonly min: number
  readonly max: number
}

/** A call as it stands in the file: octets may be the name of a drawn length. */
export type UserCallTemplate = Exclude<UserCall, { call: 'SEND' }> | { readonly call: 'SEND'; readonly octets: number | string }

/** What the wire does with segments of one meaning. */
export interface WireFault {
  readonly on: {
    readonly from: Seat
    readonly sends?: SegmentKind
    /** `window`: nothing new but that a window which was closed to the peer is open again. */
    readonly acknowledges?: 'SYN' | 'data' | 'FIN' | 'window'
    /** Whether octets before it have not arrived yet. */
    readonly gap?: boolean
  }
  /** Which of them, counted from 1 in the scene: the first where absent. `every`: all, as long as `until` does not hold. */
  readonly nth?: number | 'every'
  /**
   * `corrupt`: it arrives with a checksum that fails, and the host drops it. `hold`: it stays on the wire until `until` holds. `pass`: nothing
   * befalls it, whatever the faults after this one say. Where several match, the first in the list does.
   */
  readonly do: 'drop' | 'corrupt' | 'duplicate' | 'hold' | 'delay' | 'pass'
  readonly until?: Condition
  /** World ms on the wire: of a delayed segment or a copy, at the latest of a held one, before a dropped one is lost. */
  readonly after?: number
}

/** A segment that no seat sends: an old duplicate, a forgery, or one of a stranger, a host that nobody plays. */
export interface Injection {
  readonly as: 'stale' | 'forged' | 'stranger'
  readonly to: Seat
  /** A stranger's name, which stands for its address. */
  readonly from?: string
  /** When it sets out; as the scene opens, where absent. */
  readonly when?: Condition
  /** World ms that it is still on its way; it arrives at once where absent. */
  readonly after?: number
  /** Numbers in the scene's names, as `z+1`. Octets. */
  readonly segment: { readonly flags: readonly BitName[]; readonly seq: string; readonly ack?: string; readonly length?: number }
}

/** A line of a recorded conversation, in the scene's names. */
export interface TraceLine {
  readonly from: Seat
  readonly flags: readonly BitName[]
  readonly seq: string
  readonly ack?: string
  readonly length?: number
  /** The sender's state afterwards. */
  readonly state?: State
}

/** How a host stands when the scene opens. Octets. */
export interface Opening {
  readonly state: 'CLOSED' | 'LISTEN' | 'ESTABLISHED'
  /** What it has sent, and has had acknowledged, before. */
  readonly sent?: number
  /** RCV.BUFF; the largest window without scaling where absent. */
  readonly buffer?: number
  /** ESTABLISHED in an earlier incarnation of the connection: the peer has lost its memory since. */
  readonly with?: 'earlier'
}

/** World times in ms. */
export interface Times {
  readonly transit: number
  readonly rto: number
  readonly msl: number
  readonly userTimeout: number
  /** How long a stranger's half-open connection is kept. */
  readonly halfOpen: number
}

export const DEFAULT_TIMES_MS: Times = { transit: 50, rto: 1_000, msl: 120_000, userTimeout: 300_000, halfOpen: 63_000 }

export const WIRE_OPERATIONS = ['drop', 'duplicate', 'hold', 'inject'] as const
/** What the network seat may do beyond letting segments pass. */
export type WireOperation = (typeof WIRE_OPERATIONS)[number]

/** One act of an exercise: from an opening position to a goal, under one set of rules. */
export interface Scene {
  readonly id: string
  /** Neighbours of one family stand in for each other: a round plays one of them. */
  readonly family?: string
  /** What the scene is about; the exercise's title does where absent. */
  readonly title?: LocalizedText
  readonly brief: { readonly [S in Seat]: LocalizedText }
  /** What one has seen when it is over. */
  readonly shown?: LocalizedText
  /** RFC 9293 where absent. Any other is not TCP, and the page says so. */
  readonly rules?: TcpRuleSetName
  readonly names: { readonly [name: string]: BoundName }
  readonly lengths?: { readonly [name: string]: LengthRange }
  /** From where the initial sequence numbers are drawn; from all, where absent. */
  readonly iss?: { readonly [S in Seat]?: LengthRange }
  readonly times?: Partial<Times>
  readonly opening: { readonly [S in Seat]: Opening }
  /** The hosts whose application reads only when it calls RECEIVE. */
  readonly reads?: { readonly [S in Seat]?: 'on-RECEIVE' }
  /** How many half-open connections the server's listener keeps. */
  readonly backlog?: number
  readonly application: { readonly [S in Seat]: readonly (Omit<ApplicationStep, 'call'> & { readonly call?: UserCallTemplate })[] }
  /** The applications speak HTTP, and whatever is said goes through TLS. */
  readonly http?: HttpContent
  readonly tls?: Tls
  readonly wire?: readonly WireFault[]
  readonly injections?: readonly Injection[]
  /** A recorded conversation that the scene is about. */
  readonly trace?: readonly TraceLine[]
  /** What a network seat may do here; it plays no part where absent. */
  readonly network?: { readonly may: readonly WireOperation[]; readonly injections?: readonly Injection[] }
  /**
   * The states that end the scene, and what must have been witnessed, once both hosts have come to that and every milestone that is open
   * has been met.
   */
  readonly goal: { readonly [S in Seat]: State } & { readonly when?: readonly (Condition & { readonly seat: Seat })[] }
  readonly milestones: { readonly [S in Seat]: readonly Milestone[] }
  readonly questions?: { readonly [S in Seat]?: readonly Question[] }
  /** Mistakes cost nothing here. */
  readonly free?: boolean
}

export const TOPICS = ['opening', 'data', 'closing', 'why', 'corners', 'https'] as const
/** What an exercise is about: lists show them under these headings, in this order. */
export type Topic = (typeof TOPICS)[number]

export interface Exercise {
  readonly id: string
  readonly version: number
  readonly topic?: Topic
  readonly title: LocalizedText
  /** The one thing that it shows. */
  readonly point: LocalizedText
  readonly notation: NotationKind
  /** Tries that a step has, at every level; the level's own number where absent. */
  readonly attempts?: number
  /** Played in order. */
  readonly scenes: readonly Scene[]
}

/** The scenes of one place in an exercise: of a family, neighbours that name it, each round plays one. */
export function groupByFamily({ scenes }: Pick<Exercise, 'scenes'>): readonly (readonly Scene[])[] {
  const places: Scene[][] = []
  for (const scene of scenes) {
    const last = places.at(-1)
    if (last && scene.family !== undefined && last[0]?.family === scene.family) last.push(scene)
    else places.push([scene])
  }
  return places
}

/** The scenes that have a title of their own. */
export const titledScenes = ({ scenes }: Pick<Exercise, 'scenes'>): { readonly id: string; readonly title: LocalizedText }[] =>
  scenes.flatMap(({ id, title }) => (title ? [{ id, title }] : []))

/** A scored step of a scene: a milestone or a question. `goal`: opens once the goal is reached. */
export type ScoredStep = Pick<Milestone, 'id' | 'deed'> & { readonly opens?: Condition | 'goal' }

export const scoredStepsOf = (scene: Pick<Scene, 'milestones' | 'questions'>, seat: Seat): readonly ScoredStep[] => [
  ...scene.milestones[seat].map(({ id, deed, opens }) => (opens ? { id, deed, opens } : { id, deed })),
  ...(scene.questions?.[seat] ?? []).map(({ id, when }) => ({ id, deed: { chooses: id }, opens: when ?? ('goal' as const) })),
]
