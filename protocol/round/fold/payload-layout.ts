/** Which octets of a segment are TLS record headers, TLS messages, HTTP. */
import type { Seat } from '../../seat.ts'
import { encodeUtf8 } from '../../octets.ts'
import type { Segment } from '../../segment.ts'
import { RECORD_HEADER_OCTETS } from '../../tls/format/records.ts'
import type { Effect } from '../model/effect.ts'
import type { UpperLayerMessage } from '../model/upper-layer-messages.ts'
import type { ScriptScene } from '../model/script.ts'
import { streamOffsetOf } from './application-stream.ts'
import type { StreamMessage } from '../model/world.ts'

/** Octets of a segment's data that belong together, in the order in which they lie there. */
export interface PayloadSpan {
  /** `record`: the header of a TLS record. */
  readonly layer: 'record' | 'tls' | 'http'
  /** The message that they belong to. */
  readonly of: UpperLayerMessage
  readonly octets: number
  /** How many there are of it, where the others lie in other segments. */
  readonly messageOctets?: number
  readonly encrypted?: true
  /** Octets of HTTP that are encrypted in the whole of it. */
  readonly plaintextOctets?: number
}

/** A message as it lies in its writer's stream, where it ends at `end`. */
export const locateMessage = ({ name, text, encrypted }: Extract<Effect, { kind: 'wrote' }>, end: number): StreamMessage => ({
  name,
  end,
  encrypted: encrypted ?? false,
  http: text === undefined ? null : encodeUtf8(text).length,
})

/** What a segment carries of the messages that its sender has written. */
export function payloadLayoutOf(scene: ScriptScene, wrote: readonly StreamMessage[], from: Seat, segment: Segment): PayloadSpan[] {
  const start = streamOffsetOf(scene, from, segment)
  const end = start + segment.length
  const pieces: PayloadSpan[] = []
  let at = 0
  for (const message of wrote) {
    for (const piece of splitMessage(message, at)) {
      const octets = Math.min(at + piece.octets, end) - Math.max(at, start)
      at += piece.octets
      if (octets > 0) pieces.push(octets < piece.octets ? { ...piece, octets, messageOctets: piece.octets } : piece)
    }
  }
  return pieces
}

/** Each TLS message has a record of its own here, and HTTP goes through TLS encrypted or not at all. */
function splitMessage({ name: of, end, encrypted, http }: StreamMessage, start: number): PayloadSpan[] {
  const layer = http === null ? 'tls' : 'http'
  if (http !== null && !encrypted) return [{ layer, of, octets: end - start }]
  const body: PayloadSpan = {
    layer,
    of,
    octets: end - start - RECORD_HEADER_OCTETS,
    ...(encrypted ? { encrypted } : {}),
    ...(http === null ? {} : { plaintextOctets: http }),
  }
  return [{ layer: 'record', of, octets: RECORD_HEADER_OCTETS }, body]
}
