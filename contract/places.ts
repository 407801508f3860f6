/**
 * Where a student is, and what their page needs to know about the round. Only the server sends this, so there are no schemas to
 * validate it.
 */
import type { NotationKind } from '../protocol/notation.ts'
import type { Seat } from '../protocol/seat.ts'
import type { Fact } from '../protocol/tls/watch/message-facts.ts'
import type { Revocation } from '../protocol/tls/keys/certificate.ts'
import type { Level, Scene, LocalizedText } from '../protocol/round/model/exercise.ts'

/** Where a student is: sent on connecting and whenever it changes. */
export interface Place {
  /** `hand`: whether this student's hand is up. */
  readonly me: {
    readonly id: string
    readonly name: string
    readonly hand: boolean
    /** This is a member of a course, whose rounds are graded. */
    readonly member: boolean
    /** The device on which a member of a course is in the session; absent in an open session. */
    readonly device?: string
    /** This is another one of the member's devices: it shows where they are, and is asleep. */
    readonly asleep?: true
  }
  readonly session: {
    readonly id: string
    readonly code: string
    readonly title: string
    readonly level: Level
    readonly ended: boolean
    /** Whether one learner practises alone, without a teacher. */
    readonly practice: boolean
    /** 0-based; null before the first exercise. */
    readonly position: number | null
    readonly exercises: number
    /** How many participants of the session are present and have no pair, including this student if that is so. */
    readonly waiting: number
    /** As in `SessionInfo`. */
    readonly pausedAt: string | null
    readonly deadlineAt: string | null
    readonly announcement: string
  }
  /** What the teacher says to this student's pair; empty for nothing. */
  readonly message: string
  /** Why there is nothing to play; null if there is a round. */
  readonly waiting: 'for-partner' | 'for-start' | 'for-next' | 'ended' | null
  /** The partner; `name` is null for the built-in partner. */
  readonly partner: { readonly name: string | null; readonly present: boolean } | null
  readonly round: RoundPlace | null
  /** The round whose wire this student plays or watches, as the third member of a pair. */
  readonly wire: WirePlace | null
  /** The id of the latest round, if it is over and its replay may be shown. */
  readonly replay: string | null
}

/** What a player's page needs to know about their round. `legs` is the number of legs of an exercise. */
export interface RoundPlace {
  readonly id: string
  readonly seat: Seat
  /** 1, or 2 after the swap. */
  readonly leg: 1 | 2
  readonly legs: 1 | 2
  readonly level: Level
  readonly notation: NotationKind
  readonly exercise: {
    readonly id: string
    readonly title: LocalizedText
    readonly point: LocalizedText
    /** The scenes that the round plays, in order. A view names the current one. */
    readonly scenes: readonly ScenePlace[]
  }
}

/** What a player's page needs to know about a scene. The ids are opaque, so that they give nothing away. */
export interface ScenePlace extends Pick<Scene, 'id' | 'title' | 'shown' | 'rules' | 'names' | 'trace'> {
  /** Whether the scene is about windows, so that the input for the window is shown from the start. */
  readonly windows: boolean
  /** What certificates are verified against; absent if the scene has no TLS. */
  readonly trust?: Trust
  /** This seat's brief. */
  readonly brief: LocalizedText
  /** This seat's milestones; none in an exam. The texts of their hints are sent with the hints. */
  readonly milestones: readonly { readonly id: string; readonly text: LocalizedText }[]
  /** This seat's questions. Which choice is right, and why, is sent with the answer. */
  readonly questions: readonly {
    readonly id: string
    readonly ask: LocalizedText
    /** In the order drawn for this round. */
    readonly choices: readonly LocalizedText[]
    /** The facts of the certificates that are shown with the question. */
    readonly shows?: readonly Fact[]
  }[]
}

/** The trust store that certificates are verified against. */
export interface Trust {
  /** The subjects of the trusted authorities. */
  readonly trusted: readonly string[]
  readonly revoked: readonly Revocation[]
  /** World time 0, in milliseconds since 1970. */
  readonly epoch: number
}

/** What the page of the third member of a pair needs to know about the round. */
export interface WirePlace {
  readonly id: string
  /** 1, or 2 after the swap. */
  readonly leg: 1 | 2
  readonly exercise: {
    readonly title: LocalizedText
    /** The scenes that have a title. */
    readonly scenes: readonly { readonly id: string; readonly title: LocalizedText }[]
  }
  /** The names of the players of both hosts; null for the built-in partner. */
  readonly names: { readonly [S in Seat]: string | null }
}
