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
  readonly me: { readonly id: string; readonly name: string }
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
    /** How many participants are present, oneself included. */
    readonly present: number
  }
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
    /** The scenes that the round plays: a view tells which it is. */
    readonly scenes: readonly ScenePlace[]
  }
}

export interface ScenePlace extends Pick<Scene, 'id' | 'title' | 'shown' | 'rules' | 'names' | 'trace'> {
  /** The scene is about windows: their field stands open. */
  readonly windows: boolean
  /** What certificates are held against; absent where there is no TLS. */
  readonly trust?: Trust
  /** This seat's brief. */
  readonly brief: LocalizedText
  /** This seat's milestones; none at exam. The texts of their hints come with the hints. */
  readonly milestones: readonly { readonly id: string; readonly text: LocalizedText }[]
  /** This seat's questions; which choice is right, and why, comes with the answer. */
  readonly questions: readonly {
    readonly id: string
    readonly ask: LocalizedText
    /** In the order drawn for this round. */
    readonly choices: readonly LocalizedText[]
    /** The certificates that stand beside it. */
    readonly shows?: readonly Fact[]
  }[]
}

export interface Trust {
  /** The names of the authorities that it trusts. */
  readonly trusted: readonly string[]
  readonly revoked: readonly Revocation[]
  /** World time 0, in milliseconds since 1970. */
  readonly epoch: number
}

export interface WirePlace {
  readonly id: string
  /** 1, or 2 after the swap. */
  readonly leg: 1 | 2
  readonly exercise: {
    readonly title: LocalizedText
    /** Those with a title of their own. */
    readonly scenes: readonly { readonly id: string; readonly title: LocalizedText }[]
  }
  /** Who plays the hosts; null: the built-in partner. */
  readonly names: { readonly [S in Seat]: string | null }
}
