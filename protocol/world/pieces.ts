/** What lies where in a segment: which of its octets are of TLS's record headers, of TLS messages, of HTTP. */
import { utf8 } from '../octets.ts'
import type { Segment } from '../segment.ts'
import { RECORD_HEADER } from '../tls/records.ts'
import type { Effect } from './action.ts'
import type { Seat } from './exercise.ts'
import type { Utterance } from './utterances.ts'
import type { Scene } from './script.ts'
import { offsetOf } from './stream.ts'
import type { Written } from './world.ts'

/** Octets of a segment's data that belong together, in the order in which they lie there. */
export interface Piece {
  /** `record`: the header of a TLS record. */
  readonly layer: 'record' | 'tls' | 'http'
  /** The message that they belong to. */
  readonly of: Utterance
  readonly octets: number
  /** How many there are of it, where the others lie in other segments. */
  readonly whole?: number
  readonly encrypted?: true
  /** Octets of HTTP that are encrypted in the whole of it. */
  readonly inside?: number
}

/** A message as it lies in its writer's stream, where it ends at `end`. */
export const written = ({ name, text, encrypted }: Extract<Effect, { is: 'wrote' }>, end: number): Written => ({
  name,
  end,
  encrypted: encrypted ?? false,
  http: text === undefined ? null : utf8(text).length,
})

/** What a segment carries of the messages that its sender has written. */
export function piecesOf(scene: Scene, wrote: readonly Written[], from: Seat, segment: Segment): Piece[] {
  const start = offsetOf(scene, from, segment)
  const end = start + segment.length
  const pieces: Piece[] = []
  let at = 0
  for (const message of wrote) {
    for (const piece of layersOf(message, at)) {
      const octets = Math.min(at + piece.octets, end) - Math.max(at, start)
      at += piece.octets
      if (octets > 0) pieces.push(octets < piece.octets ? { ...piece, octets, whole: piece.octets } : piece)
    }
  }
  return pieces
}

/** Each TLS message has a record of its own here, and HTTP goes through TLS encrypted or not at all. */
function layersOf({ name: of, end, encrypted, http }: Written, start: number): Piece[] {
  const layer = http === null ? 'tls' : 'http'
  if (http !== null && !encrypted) return [{ layer, of, octets: end - start }]
  const body: Piece = {
    layer,
    of,
    octets: end - start - RECORD_HEADER,
    ...(encrypted ? { encrypted } : {}),
    ...(http === null ? {} : { inside: http }),
  }
  return [{ layer: 'record', of, octets: RECORD_HEADER }, body]
}
