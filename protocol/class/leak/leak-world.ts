/**
 * The key leaks: what pairs have said over TLS stands recorded, and one day the server's private key is known. The state of this activity,
 * and the effects that it is folded from.
 */
import type { Seat } from '../../seat.ts'

/** A conversation of a pair over TLS, as anybody on the wire can record it. */
export interface Recording {
  /** Id of the round, and of the scene in it. */
  readonly round: string
  readonly scene: string
  /** Ids of the participants whose conversation it is. */
  readonly members: readonly string[]
  readonly exchange: 'RSA' | 'ECDHE'
  /** Id of the identity whose certificate the server has presented. */
  readonly identity: string
  /** All octets that each side has sent, in hexadecimal. */
  readonly wire: { readonly [S in Seat]: string }
}

export type LeakAction =
  /** The server hands over what has been recorded of a round. */
  | { readonly kind: 'record'; readonly recording: Recording }
  /** The teacher makes the server's private key known. */
  | { readonly kind: 'leak' }

export type LeakEffect =
  /** `sealed`: the record in which the client has sent its request, in hexadecimal. */
  | { readonly kind: 'recorded'; readonly recording: Recording; readonly sealed: string }
  /** The private key is known from now on. */
  | { readonly kind: 'leaked' }
  /** What the leaked key makes of a recording: the request, or null if it stays dark. `recording`: index in `LeakWorld.recordings`. */
  | { readonly kind: 'tried'; readonly recording: number; readonly text: string | null }

export interface LeakWorld {
  /** In the order in which they have been recorded. `text`: undefined until a key has been tried on it. */
  readonly recordings: readonly (Recording & { readonly sealed: string; readonly text?: string | null })[]
  readonly leaked: boolean
}

/** The world before the first entry. */
export const NOTHING_RECORDED: LeakWorld = { recordings: [], leaked: false }

export function applyLeakEffect(world: LeakWorld, effect: LeakEffect): LeakWorld {
  switch (effect.kind) {
    case 'recorded':
      return { ...world, recordings: [...world.recordings, { ...effect.recording, sealed: effect.sealed }] }
    case 'leaked':
      return { ...world, leaked: true }
    case 'tried':
      return {
        ...world,
        recordings: world.recordings.map((each, i) => (i === effect.recording ? { ...each, text: effect.text } : each)),
      }
  }
}
