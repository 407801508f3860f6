/** What an exercise says, as data. Files in `exercises/` are read and checked into this shape. */
import type { State } from '../tcp/tcb.ts'

export const SEATS = ['client', 'server'] as const
/** Who plays. (The wire and the eavesdropper are seats of later exercises; they have no TCB.) */
export type Seat = (typeof SEATS)[number]

export const peerOf = (seat: Seat): Seat => (seat === 'client' ? 'server' : 'client')

export const LEVELS = ['guided', 'standard', 'exam'] as const
export type Level = (typeof LEVELS)[number]

export const NOTATIONS = ['textbook', 'relative', 'absolute'] as const
export type NotationKind = (typeof NOTATIONS)[number]

export const LANGS = ['en', 'zh'] as const
export type Lang = (typeof LANGS)[number]
/** A text in every language. */
export type Text = { readonly [L in Lang]: string }

/** A user call (RFC 9293 3.10.1 to 3.10.5). */
export type Call =
  | { readonly call: 'OPEN'; readonly mode: 'active' | 'passive' }
  | { readonly call: 'SEND'; readonly octets: number }
  | { readonly call: 'RECEIVE' }
  | { readonly call: 'CLOSE' }
  | { readonly call: 'ABORT' }

/** Something that is or has become true of a seat's host. All that are named must hold. */
export interface Condition {
  /** Whose host; the seat that the condition belongs to, where absent. */
  readonly seat?: Seat
  /** Its TCB has been in this state. */
  readonly been?: State
  /** This has arrived there and was taken in. */
  readonly received?: 'SYN' | 'data' | 'FIN'
}

/** One call of an application's script. Steps are made in order. */
export interface ApplicationStep {
  readonly call: Call
  /** `seat`: the student makes it. `exercise`: it is made as soon as `when` holds. */
  readonly by: 'seat' | 'exercise'
  readonly when?: Condition
}

/** What earns a milestone: a meaning or a state, whichever legal segment brings it. */
export type Deed =
  | { readonly calls: 'OPEN' | 'CLOSE' }
  | { readonly sends: 'SYN' | 'data' | 'FIN' }
  | { readonly acknowledges: 'SYN' | 'data' | 'FIN' }
  /** The seat has rightly said, with a segment or a claim, that it is in this state. */
  | { readonly says: State }

export interface Milestone {
  readonly id: string
  readonly deed: Deed
  /** When it opens; at the start, where absent. One that never opened leaves the maximum. */
  readonly opens?: Condition
  readonly text: Text
  /** The first two rungs of the hint: a nudge, and the concept with its rule. The third, the answer, is the engine's. */
  readonly nudge: Text
  readonly concept: Text
}

/** A name of the textbook notation: whose number it is, and which. */
export interface BoundName {
  readonly of: Seat
  /** `iss`: the initial sequence number. `next`: SND.NXT at the opening of the round. */
  readonly is: 'iss' | 'next'
}

/** A length that each round draws anew, in octets, both ends included. */
export interface DrawnLength {
  readonly min: number
  readonly max: number
}

/** A call as it stands in the file: octets may be the name of a drawn length. */
export type ScriptedCall = Exclude<Call, { call: 'SEND' }> | { readonly call: 'SEND'; readonly octets: number | string }

export interface Exercise {
  readonly id: string
  readonly version: number
  readonly title: Text
  /** The one thing that it shows. */
  readonly point: Text
  readonly brief: { readonly [S in Seat]: Text }
  readonly notation: NotationKind
  readonly names: { readonly [name: string]: BoundName }
  readonly lengths: { readonly [name: string]: DrawnLength }
  /** CLOSED, or ESTABLISHED with nothing outstanding. */
  readonly opening: { readonly [S in Seat]: 'CLOSED' | 'ESTABLISHED' }
  readonly application: { readonly [S in Seat]: readonly (Omit<ApplicationStep, 'call'> & { readonly call: ScriptedCall })[] }
  /** The states that end the round, once both hosts have reached them and every milestone that is open has been met. */
  readonly goal: { readonly [S in Seat]: State }
  readonly milestones: { readonly [S in Seat]: readonly Milestone[] }
}

/** World times in ms. */
export interface Times {
  readonly transit: number
  readonly rto: number
  readonly msl: number
  readonly userTimeout: number
}

export const TIMES: Times = { transit: 50, rto: 1_000, msl: 120_000, userTimeout: 300_000 }

/**
 * An exercise as one round plays it: numbers drawn, texts left out. It stands in the first entry of the log, so that
 * a round folds without the file that it came from.
 */
export interface Script {
  readonly exercise: string
  readonly version: number
  readonly level: Level
  readonly notation: NotationKind
  /** The bound names with their absolute numbers. */
  readonly names: { readonly [name: string]: { readonly of: Seat; readonly value: number } }
  readonly iss: { readonly [S in Seat]: number }
  readonly opening: Exercise['opening']
  readonly application: { readonly [S in Seat]: readonly ApplicationStep[] }
  readonly goal: Exercise['goal']
  readonly milestones: { readonly [S in Seat]: readonly Pick<Milestone, 'id' | 'deed' | 'opens'>[] }
  readonly times: Times
}
