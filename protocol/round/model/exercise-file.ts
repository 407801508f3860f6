/**
 * What an exercise says in its file. Printed from exercises/schema.ts, where changes belong:
 * `npm test -- test/exercises/schema.test.ts -u` prints it anew.
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

/** Something that is or has become true of a seat's host in this scene. All that are named must hold. */
export interface Condition {
  /** Whose host; the seat that the condition belongs to where absent. */
  readonly seat?: Seat
  /** The host has been in this state. */
  readonly been?: State
  /** This has arrived and was taken in. */
  readonly received?: 'SYN' | 'data' | 'FIN'
  /** This has left the host. */
  readonly sent?: SegmentKind
  /** This has arrived, taken in or not. */
  readonly arrived?: SegmentKind
  /** This timer has gone off. */
  readonly fired?: 'user' | 'retransmission' | 'persist' | 'time-wait'
  /** Its application has written this message. */
  readonly wrote?: UpperLayerMessage
  /** Its application has read the whole of this message. */
  readonly read?: UpperLayerMessage
  /** The peer has closed its window to it: SND.WND is 0 now. */
  readonly window?: 'closed'
  /** How often; once where absent. */
  readonly times?: number
}

/** A condition that says whose host it is about. */
export interface WitnessedCondition {
  readonly seat: Seat
  /** The host has been in this state. */
  readonly been?: State
  /** This has arrived and was taken in. */
  readonly received?: 'SYN' | 'data' | 'FIN'
  /** This has left the host. */
  readonly sent?: SegmentKind
  /** This has arrived, taken in or not. */
  readonly arrived?: SegmentKind
  /** This timer has gone off. */
  readonly fired?: 'user' | 'retransmission' | 'persist' | 'time-wait'
  /** Its application has written this message. */
  readonly wrote?: UpperLayerMessage
  /** Its application has read the whole of this message. */
  readonly read?: UpperLayerMessage
  /** The peer has closed its window to it: SND.WND is 0 now. */
  readonly window?: 'closed'
  /** How often; once where absent. */
  readonly times?: number
}

/** A call as it stands in the file: octets may be the name of a drawn length. */
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

/** What earns a milestone: an effect or a state, whichever legal segment brings it about. */
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
      /** Answers, with an ACK, what came but could not be taken in: a FIN again, a SYN on an open connection, data beyond a gap. */
      readonly answers: SegmentKind
    }
  | {
      readonly discards: SegmentKind
    }
  | {
      /** The seat has rightly said, with a segment or a claim, that it is in this state. */
      readonly says: State
    }

/** One step of an application's script: a call, or a message that it writes. Steps are made in order. */
export interface ApplicationStepTemplate {
  /** Who makes the call: the student, or the exercise as soon as it is due. */
  readonly by: 'seat' | 'exercise'
  readonly call?: UserCallTemplate
  /** A message that the application writes in place of a call. */
  readonly write?: 'request' | 'response'
  /** When it is due; at once, after the call before it, where absent. */
  readonly when?: Condition
}

/** What the applications have to say to each other in HTTP/1.1. */
export interface HttpContent {
  /** The authority of the URI: the pages lie under http://host. */
  readonly host: string
  /** Each round draws one of them. */
  readonly pages: readonly WebPage[]
  /** The connection is closed afterwards, and both messages say so (RFC 9112 9.6). It stays open where absent. */
  readonly closes?: boolean
}

/** Something that the server has and the client wants. */
export interface WebPage {
  readonly target: string
  /** Content-Type. */
  readonly type: string
  readonly body: string
}

/** What a host can do in TLS. */
export interface TlsSide {
  /** The preferred first. */
  readonly versions: readonly TlsVersion[]
  /** The preferred first. */
  readonly suites: readonly string[]
  /** The preferred first; both, x25519 first, where absent. */
  readonly groups?: readonly NamedGroup[]
  /** The identities in certificates.json of which each round draws one; it has none where absent. */
  readonly shows?: readonly string[]
  /** A server that wants to know who the client is. */
  readonly asks?: boolean
}

/** What stands between TCP and the applications: a TLS connection of its own choices, with real octets and real keys. The hosts' clocks stand at the round's world time. */
export interface Tls {
  /** The name that the client asks for, and looks for in the certificate. */
  readonly name: string
  /** TLS where absent. Any other is not, and the page says so. */
  readonly rules?: TlsRuleSetName
  readonly client: TlsSide
  readonly server: TlsSide
  /** Shows, at the goal, what somebody on the wire can compute. */
  readonly eavesdropper?: {
    /** Whose certificate's private key leaks then. */
    readonly leaks?: Seat
  }
}

/** Something that a seat is to do or to reach. */
export interface Milestone {
  readonly id: string
  /** What earns the point, whichever legal segment brings it. */
  readonly deed: MilestoneDeed
  /** When it opens; at the start where absent. One that never opens leaves the maximum. */
  readonly opens?: Condition
  /** What is to be done, in the summary. */
  readonly text: LocalizedText
  /** The first hint: a question that leads on. */
  readonly nudge: LocalizedText
  /** The second hint: the rule, with its clause, and never the number itself. */
  readonly concept: LocalizedText
}

/** A single choice. It is a milestone of its own, with its id. */
export interface Question {
  readonly id: string
  /** When it is asked; at the goal where absent. */
  readonly when?: Condition
  readonly ask: LocalizedText
  /** The certificates that stand beside it, as a browser shows them. */
  readonly shows?: string
  /** The clause that decides it. */
  readonly rule?: string
  /** The choices stand in this order; each student has one of their own where absent. */
  readonly ordered?: boolean
  readonly choices: readonly {
    readonly text: LocalizedText
    /** Exactly one choice is. */
    readonly right?: boolean
    /** What choosing it shows. */
    readonly misconception?: Misconception
    /** Why it is right, or what it overlooks. */
    readonly why: LocalizedText
  }[]
}

/** What the wire does with segments of one meaning. */
export interface WireFault {
  /** The segments that it befalls, by what they mean. gap: whether octets before them have not arrived yet. */
  readonly on: {
    readonly from: Seat
    readonly sends?: SegmentKind
    /** window: nothing new but that a window which was closed to the peer is open again. */
    readonly acknowledges?: 'SYN' | 'data' | 'FIN' | 'window'
    readonly gap?: boolean
  }
  /** Which of them, counted in the scene: the first where absent. every: all, as long as `until` does not hold. */
  readonly nth?: number | 'every'
  /** corrupt: it arrives with a checksum that fails, and the host drops it. hold: until the condition `until`. pass: nothing befalls it, whatever the faults after this one say. */
  readonly do: 'drop' | 'corrupt' | 'duplicate' | 'hold' | 'delay' | 'pass'
  /** What ends `hold` and `every`. */
  readonly until?: Condition
  /** World ms on the wire: of a delayed segment or a copy, at the latest of a held one, before a dropped one is lost. */
  readonly after?: number
}

/** A segment that no seat sends: an old duplicate, a forgery, or one of a stranger, a host that nobody plays. */
export interface Injection {
  /** An old duplicate, a forgery, or of a host that nobody plays. */
  readonly as: 'stale' | 'forged' | 'stranger'
  readonly to: Seat
  /** A stranger's name, which stands for its address. */
  readonly from?: string
  /** When it sets out; as the scene opens where absent. */
  readonly when?: Condition
  /** World ms that it is still on its way; it arrives at once where absent. */
  readonly after?: number
  /** Its numbers in the names of the scene, as z+1. */
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

/** How a host stands when the scene opens. */
export interface Opening {
  readonly state: 'CLOSED' | 'LISTEN' | 'ESTABLISHED'
  /** Octets that it has sent, and has had acknowledged, before. */
  readonly sent?: number
  /** Octets of its receive buffer; the largest window without scaling where absent. */
  readonly buffer?: number
  /** ESTABLISHED in an earlier incarnation of the connection: the peer has lost its memory since. */
  readonly with?: 'earlier'
}

/** A length that each round draws anew, both ends included. */
export interface LengthRange {
  /** Octets. */
  readonly min: number
  /** Octets. */
  readonly max: number
}

/** A name of the textbook notation: whose number it is, and which. */
export interface BoundName {
  readonly of: Seat
  /** The initial sequence number, SND.NXT at the opening, or the initial number of an earlier incarnation or of a stranger. */
  readonly is: 'iss' | 'next' | 'earlier' | 'stranger'
  /** Of earlier: by how much it lies before the initial sequence number. Drawn where absent: by more than a window. */
  readonly before?: number
}

/** One act of an exercise: from an opening position to a goal, under one set of rules. */
export interface Scene {
  readonly id: string
  /** Neighbouring scenes of one family stand in for each other: a round plays one of them. */
  readonly family?: string
  /** What the scene is about. */
  readonly title?: LocalizedText
  /** What each student is told before it begins. */
  readonly brief: {
    readonly client: LocalizedText
    readonly server: LocalizedText
  }
  /** What one has seen when it is over. */
  readonly shown?: LocalizedText
  /** RFC 9293 where absent. Any other is not TCP, and the page says so. */
  readonly rules?: TcpRuleSetName
  /** The names of the textbook notation. */
  readonly names: { readonly [name: string]: BoundName }
  /** Lengths that each round draws anew, by name. */
  readonly lengths?: { readonly [name: string]: LengthRange }
  /** From where the initial sequence numbers are drawn; from all where absent. */
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
    /** Milliseconds for which a stranger's half-open connection is kept. */
    readonly halfOpen?: number
  }
  /** How each host stands when the scene begins. */
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
  /** What the server has to offer, where the applications speak HTTP. */
  readonly http?: HttpContent
  /** What each side can do in TLS, where all that is said goes through it. */
  readonly tls?: Tls
  /** What befalls segments on the wire. Of several that match the first does. */
  readonly wire?: readonly WireFault[]
  /** Segments that no seat sends. */
  readonly injections?: readonly Injection[]
  /** A recorded conversation that the scene is about, in its names. */
  readonly trace?: readonly TraceLine[]
  /** What a network seat may do beyond letting segments pass; it plays no part where absent. */
  readonly network?: {
    readonly may: readonly ('drop' | 'duplicate' | 'hold' | 'inject')[]
    readonly injections?: readonly Injection[]
  }
  /** The states that end the scene, and what must have been witnessed, once every open milestone has been met. */
  readonly goal: {
    readonly client: State
    readonly server: State
    readonly when?: readonly WitnessedCondition[]
  }
  /** What each seat earns its points for. */
  readonly milestones: {
    readonly client: readonly Milestone[]
    readonly server: readonly Milestone[]
  }
  /** Single choices; each is worth a point. */
  readonly questions?: {
    readonly client?: readonly Question[]
    readonly server?: readonly Question[]
  }
  /** Mistakes cost nothing here. */
  readonly free?: boolean
}

/** All that a file says. */
export interface ExerciseFile {
  /** The file's name without .yaml. */
  readonly id: string
  /** Goes up with every change that a player could notice. */
  readonly version: number
  /** Lists show the smallest first: the order in which they are best taught. */
  readonly order: number
  /** The heading under which lists show it. */
  readonly topic?: 'opening' | 'data' | 'closing' | 'why' | 'corners' | 'https'
  /** false: not on the lists; the commands know it all the same. */
  readonly published?: boolean
  readonly title: LocalizedText
  /** The one thing that it shows. */
  readonly point: LocalizedText
  /** How students write numbers: by names (x+1), relative to the initial sequence numbers, or as they are. */
  readonly notation: NotationKind
  /** Tries that a step has. Where absent: two in an exam, else four. */
  readonly attempts?: number
  /** Played in order. */
  readonly scenes: readonly Scene[]
}
