/**
 * The types of an exercise file. Generated from exercises/schema.ts; do not edit. To generate them again:
 * `npm test -- test/exercises/schema.test.ts -u`.
 */
import type { Seat } from '../../seat.ts'
import type { NotationKind } from '../../notation.ts'
import type { BitName, SegmentKind } from '../../segment.ts'
import type { Misconception } from '../../findings.ts'
import type { State } from '../../tcp/states.ts'
import type { TcpRuleSetName } from '../../tcp/rules.ts'
import type { NamedGroup } from '../../tls/format/crypto.ts'
import type { TlsVersion } from '../../tls/format/messages.ts'
import type { TlsRuleSetName } from '../../tls/keys/rules.ts'
import type { UpperLayerMessage } from './upper-layer-messages.ts'

/** A text in every language. */
export interface LocalizedText {
  /** In English. */
  readonly en: string
  /** In Chinese: the same, with the terms of docs/glossary.csv. */
  readonly zh: string
}

/** A condition on the history of a seat's host in this scene. All properties that are given must hold. */
export interface Condition {
  /** Whose host; if absent, the seat that the condition belongs to. */
  readonly seat?: Seat
  /** The host has been in this state. */
  readonly been?: State
  /** This has arrived and was accepted. */
  readonly received?: 'SYN' | 'data' | 'FIN'
  /** This has left the host. */
  readonly sent?: SegmentKind
  /** This has arrived, accepted or not. */
  readonly arrived?: SegmentKind
  /** This timer has expired. */
  readonly fired?: 'user' | 'retransmission' | 'persist' | 'time-wait'
  /** Its application has written this message. */
  readonly wrote?: UpperLayerMessage
  /** Its application has read this message completely. */
  readonly read?: UpperLayerMessage
  /** The peer has closed its window to it: SND.WND is 0 now. */
  readonly window?: 'closed'
  /** How often; once if absent. */
  readonly times?: number
}

/** A condition that names its seat. */
export interface WitnessedCondition {
  readonly seat: Seat
  /** The host has been in this state. */
  readonly been?: State
  /** This has arrived and was accepted. */
  readonly received?: 'SYN' | 'data' | 'FIN'
  /** This has left the host. */
  readonly sent?: SegmentKind
  /** This has arrived, accepted or not. */
  readonly arrived?: SegmentKind
  /** This timer has expired. */
  readonly fired?: 'user' | 'retransmission' | 'persist' | 'time-wait'
  /** Its application has written this message. */
  readonly wrote?: UpperLayerMessage
  /** Its application has read this message completely. */
  readonly read?: UpperLayerMessage
  /** The peer has closed its window to it: SND.WND is 0 now. */
  readonly window?: 'closed'
  /** How often; once if absent. */
  readonly times?: number
}

/** A user call as written in a file: octets may be the name of a random length. */
export type UserCallTemplate =
  | {
      readonly call: 'OPEN'
      readonly mode: 'active' | 'passive'
    }
  | {
      readonly call: 'SEND'
      readonly octets: number | string
    }
  | {
      readonly call: 'RECEIVE' | 'CLOSE' | 'ABORT'
    }

/** What meets a milestone: an effect or a state, by whichever legal segment. */
export type MilestoneDeed =
  | {
      readonly calls: 'OPEN' | 'SEND' | 'RECEIVE' | 'CLOSE' | 'ABORT'
    }
  | {
      /** A message is sent once a segment with its last octet leaves. */
      readonly sends: 'SYN' | 'data' | 'FIN' | 'RST' | 'probe' | UpperLayerMessage
    }
  | {
      readonly writes: UpperLayerMessage
    }
  | {
      readonly resends: 'SYN' | 'data' | 'FIN'
    }
  | {
      /** window: tells the peer that its window is open again. */
      readonly acknowledges: 'SYN' | 'data' | 'FIN' | 'window'
    }
  | {
      /** Sends an ACK for a segment that was not acceptable: a repeated FIN, a SYN on an open connection, data beyond a gap. */
      readonly answers: SegmentKind
    }
  | {
      readonly discards: SegmentKind
    }
  | {
      /** The seat has correctly claimed this state, with a segment or a state claim. */
      readonly says: State
    }

/** One step of an application's script: a user call, or a message that it writes. Steps are executed in order. */
export interface ApplicationStepTemplate {
  /** Who makes the call: the student, or the exercise itself as soon as the call is due. */
  readonly by: 'seat' | 'exercise'
  readonly call?: UserCallTemplate
  /** A message that the application writes in place of a call. */
  readonly write?: 'request' | 'response'
  /** When it is due; if absent, right after the call before it. */
  readonly when?: Condition
}

/** What the applications exchange in HTTP/1.1. */
export interface HttpContent {
  /** The host of the URIs: the pages are at http://host/…. */
  readonly host: string
  /** Each round uses one of them, chosen at random. */
  readonly pages: readonly WebPage[]
  /** Whether the connection is closed after the response, which both messages announce (RFC 9112 9.6); if absent, it stays open. */
  readonly closes?: boolean
}

/** A page that the server serves and the client requests. */
export interface WebPage {
  readonly target: string
  /** Content-Type. */
  readonly type: string
  readonly body: string
}

/** The TLS configuration of one host. */
export interface TlsSide {
  /** The preferred first. */
  readonly versions: readonly TlsVersion[]
  /** The preferred first. */
  readonly suites: readonly string[]
  /** The preferred first; if absent, both, x25519 first. */
  readonly groups?: readonly NamedGroup[]
  /** Identities of certificates.json; each round uses one, chosen at random. If absent, the side has no certificate. */
  readonly shows?: readonly string[]
  /** The server asks for a client certificate. */
  readonly asks?: boolean
}

/** The TLS connection between the applications, with real octets and real keys. The hosts' clocks show the round's world time. */
export interface Tls {
  /** The server name that the client sends and checks in the certificate. */
  readonly name: string
  /** TLS as in the RFCs if absent. Other rule sets are counterfactual, and the page says so. */
  readonly rules?: TlsRuleSetName
  readonly client: TlsSide
  readonly server: TlsSide
  /** Messages that TLS sends by itself as soon as they are due, in rounds with TCP on autopilot. They earn nothing then. If absent, none. */
  readonly autopilot?: readonly UpperLayerMessage[]
  /** Shows, at the goal, what an eavesdropper can compute. */
  readonly eavesdropper?: {
    /** The seat whose certificate's private key the eavesdropper learns then. */
    readonly leaks?: Seat
  }
  /** A man in the middle, who answers with a certificate of his own, reads and passes on. Shows, at the goal, what he has read and sent. */
  readonly interceptor?: {
    /** The identity that he presents in the server's place. Its certificates are as long as the server's. */
    readonly shows: string
    /** What he changes in the data, everywhere: into something of the same length. */
    readonly changes?: readonly {
      readonly text: string
      readonly into: string
    }[]
  }
}

/** Something that a seat is to do or to achieve. */
export interface Milestone {
  readonly id: string
  /** What earns the point, by whichever legal segment. */
  readonly deed: MilestoneDeed
  /** When it opens; if absent, at the start of the scene. One that never opens does not count towards the maximum. */
  readonly opens?: Condition
  /** What to do, as the summary states it. */
  readonly text: LocalizedText
  /** The first hint: a question that helps the student on. */
  readonly nudge: LocalizedText
  /** The second hint: the rule, with its clause, and never the number itself. */
  readonly concept: LocalizedText
}

/** A single-choice question. It counts as a milestone of the same id. */
export interface Question {
  readonly id: string
  readonly ask: LocalizedText
  /** An identity whose certificates are shown with the question, as a browser shows them. */
  readonly shows?: string
  /** The clause of the RFC that decides it. */
  readonly rule?: string
  /** The choices are shown in this order; if absent, each student sees a random order. */
  readonly ordered?: boolean
  readonly choices: readonly {
    readonly text: LocalizedText
    /** Exactly one choice must be right. */
    readonly right?: boolean
    /** The misconception that choosing it reveals. */
    readonly misconception?: Misconception
    /** Why it is right, or what it overlooks. */
    readonly why: LocalizedText
  }[]
  /** When it is asked; at the goal if absent. */
  readonly when?: Condition
}

/** A closing question, which a round may draw. Once drawn, it is a question of the last scene. */
export interface PoolQuestion {
  readonly id: string
  readonly ask: LocalizedText
  /** An identity whose certificates are shown with the question, as a browser shows them. */
  readonly shows?: string
  /** The clause of the RFC that decides it. */
  readonly rule?: string
  /** The choices are shown in this order; if absent, each student sees a random order. */
  readonly ordered?: boolean
  readonly choices: readonly {
    readonly text: LocalizedText
    /** Exactly one choice must be right. */
    readonly right?: boolean
    /** The misconception that choosing it reveals. */
    readonly misconception?: Misconception
    /** Why it is right, or what it overlooks. */
    readonly why: LocalizedText
  }[]
  /** Asked only in rounds that play one of these scenes; if absent, in any round. */
  readonly scenes?: readonly string[]
}

/** What the wire does with certain segments. */
export interface WireFault {
  /** The segments that it applies to. gap: whether earlier octets have not arrived yet. */
  readonly on: {
    readonly from: Seat
    readonly sends?: SegmentKind
    /** window: acknowledges nothing new, but opens a window that was closed. */
    readonly acknowledges?: 'SYN' | 'data' | 'FIN' | 'window'
    readonly gap?: boolean
  }
  /** Which of the matching segments of the scene, from 1; the first if absent. every: all of them until the condition `until` holds. */
  readonly nth?: number | 'every'
  /** corrupt: it arrives with a wrong checksum, and the host drops it. hold: until the condition `until` holds. pass: it arrives normally, and the faults after this one are ignored. */
  readonly do: 'drop' | 'corrupt' | 'duplicate' | 'hold' | 'delay' | 'pass'
  /** The condition that ends `hold` and `every`. */
  readonly until?: Condition
  /** World ms that the segment is on the wire: for delay and the copy of duplicate; for hold the maximum; for drop the time until it is lost. */
  readonly after?: number
}

/** A segment that no seat sends: an old duplicate, a forged segment, or a segment from a stranger, a host that nobody plays. */
export interface Injection {
  /** An old duplicate, a forged segment, or a segment from a host that nobody plays. */
  readonly as: 'stale' | 'forged' | 'stranger'
  readonly to: Seat
  /** The stranger's name, used as its address. */
  readonly from?: string
  /** When it is sent; if absent, at the start of the scene. */
  readonly when?: Condition
  /** World ms until it arrives; if absent, it arrives at once. */
  readonly after?: number
  /** Its numbers in the names of the scene, such as z+1. */
  readonly segment: {
    readonly flags: readonly BitName[]
    readonly seq: string
    readonly ack?: string
    /** Octets. */
    readonly length?: number
  }
}

/** A line of a recorded conversation. */
export interface TraceLine {
  readonly from: Seat
  readonly flags: readonly BitName[]
  readonly seq: string
  readonly ack?: string
  /** Octets. */
  readonly length?: number
  /** The sender's state afterwards. */
  readonly state?: State
}

/** The state of a host when the scene begins. */
export interface Opening {
  readonly state: 'CLOSED' | 'LISTEN' | 'ESTABLISHED'
  /** Octets that it has sent before, all acknowledged. */
  readonly sent?: number
  /** Octets of its receive buffer; if absent, 65535, the largest window without scaling. */
  readonly buffer?: number
  /** ESTABLISHED in an earlier incarnation of the connection: the peer has lost its state since then. */
  readonly with?: 'earlier'
}

/** The range of a random length, both ends included. */
export interface LengthRange {
  /** Octets. */
  readonly min: number
  /** Octets. */
  readonly max: number
}

/** A name of the textbook notation: the seat and the number that it stands for. */
export interface BoundName {
  readonly of: Seat
  /** The initial sequence number, SND.NXT at the opening, or the initial number of an earlier incarnation or of a stranger. */
  readonly is: 'iss' | 'next' | 'earlier' | 'stranger'
  /** For earlier: its distance before the initial sequence number. If absent, random, and more than a window. */
  readonly before?: number
}

/** A part of an exercise, from an opening position to a goal, under one rule set. */
export interface Scene {
  readonly id: string
  /** Adjacent scenes of one family are alternatives: a round plays one of them, chosen at random. */
  readonly family?: string
  /** What the scene is about. */
  readonly title?: LocalizedText
  /** The introduction for each student. */
  readonly brief: {
    readonly client: LocalizedText
    readonly server: LocalizedText
  }
  /** The conclusion, shown at the end of the scene. */
  readonly shown?: LocalizedText
  /** RFC 9293 if absent. Other rule sets are counterfactual, and the page says so. */
  readonly rules?: TcpRuleSetName
  /** The names of the textbook notation. */
  readonly names: { readonly [name: string]: BoundName }
  /** Random lengths, by name; each round has its own. */
  readonly lengths?: { readonly [name: string]: LengthRange }
  /** The ranges of the random initial sequence numbers; if absent, all numbers. */
  readonly iss?: {
    readonly client?: {
      readonly min: number
      readonly max: number
    }
    readonly server?: {
      readonly min: number
      readonly max: number
    }
  }
  readonly times?: {
    /** Milliseconds of world time. */
    readonly transit?: number
    /** Milliseconds of world time. */
    readonly rto?: number
    /** Milliseconds of world time. */
    readonly msl?: number
    /** Milliseconds of world time. */
    readonly userTimeout?: number
    /** World ms for which a stranger's half-open connection is kept. */
    readonly halfOpen?: number
  }
  /** The state of each host when the scene begins. */
  readonly opening: {
    readonly client: Opening
    readonly server: Opening
  }
  /** Hosts whose application reads only when it calls RECEIVE. */
  readonly reads?: {
    readonly client?: 'on-RECEIVE'
    readonly server?: 'on-RECEIVE'
  }
  /** How many half-open connections the server's listener keeps. */
  readonly backlog?: number
  /** The calls of each application, made in this order. */
  readonly application: {
    readonly client: readonly ApplicationStepTemplate[]
    readonly server: readonly ApplicationStepTemplate[]
  }
  /** The pages of the server, if the applications speak HTTP. */
  readonly http?: HttpContent
  /** The TLS configuration of both sides, if the applications speak through TLS. */
  readonly tls?: Tls
  /** Faults of the wire. The first one that matches a segment applies. */
  readonly wire?: readonly WireFault[]
  /** Segments that no seat sends. */
  readonly injections?: readonly Injection[]
  /** A recorded conversation that the scene is about, in the names of the scene. */
  readonly trace?: readonly TraceLine[]
  /** What a network seat may do besides letting segments pass; if absent, the scene has no network seat. */
  readonly network?: {
    readonly may: readonly ('drop' | 'duplicate' | 'hold' | 'inject')[]
    readonly injections?: readonly Injection[]
  }
  /** The states that end the scene, once every open milestone is met and the conditions under `when` hold. */
  readonly goal: {
    readonly client: State
    readonly server: State
    readonly when?: readonly WitnessedCondition[]
  }
  /** The milestones of each seat; each is worth a point. */
  readonly milestones: {
    readonly client: readonly Milestone[]
    readonly server: readonly Milestone[]
  }
  /** Single-choice questions; each is worth a point. */
  readonly questions?: {
    readonly client?: readonly Question[]
    readonly server?: readonly Question[]
  }
  /** Mistakes cost no points in this scene. */
  readonly free?: boolean
}

/** The content of an exercise file. */
export interface ExerciseFile {
  /** The file name without .yaml. */
  readonly id: string
  /** Increases with every change that a player could notice. */
  readonly version: number
  /** The position in lists, smallest first: the recommended order of teaching. */
  readonly order: number
  /** The heading under which lists show it. */
  readonly topic?: 'opening' | 'data' | 'closing' | 'why' | 'corners' | 'https'
  /** false: not in lists, but available to the commands. */
  readonly published?: boolean
  readonly title: LocalizedText
  /** What it is about, in a sentence. Lists show it before the exercise is played, so it must not give an answer away: `shown` may. */
  readonly point: LocalizedText
  /** How students write numbers: with names (x+1), relative to the initial sequence numbers, or absolute. */
  readonly notation: NotationKind
  /** Both hosts send and answer segments by themselves; the students make calls and write messages. Milestones about TCP are left out. The teacher may have TCP played by hand all the same. If absent, it always is. */
  readonly tcp?: 'autopilot'
  /** Attempts at each step; if absent, two in an exam and four otherwise. */
  readonly attempts?: number
  /** Played in order. */
  readonly scenes: readonly Scene[]
  /** Closing questions of each seat. A round asks one of them, chosen at random, at the goal of its last scene. A student is asked none a second time while there are others. */
  readonly pool?: {
    readonly client?: readonly PoolQuestion[]
    readonly server?: readonly PoolQuestion[]
  }
}
