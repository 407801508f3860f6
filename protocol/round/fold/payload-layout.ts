/** Determines which octets of a segment's payload are TLS record headers, TLS messages or HTTP. */
import type { Seat } from '../../seat.ts'
import { encodeUtf8 } from '../../octets.ts'
import type { Segment } from '../../segment.ts'
import { RECORD_HEADER_OCTETS } from '../../tls/format/records.ts'
import type { Effect } from '../model/effect.ts'
import type { UpperLayerMessage } from '../model/upper-layer-messages.ts'
import type { ScriptScene } from '../model/script.ts'
import { streamOffsetOf } from './application-stream.ts'
import type { StreamMessage } from '../model/world.ts'

/** A run of octets in a segment's payload that belong to the same part of a message. */
export interface PayloadSpan {
  /** `record`: the header of a TLS record. */
  readonly layer: 'record' | 'tls' | 'http'
  /** The message that the octets belong to. */
  readonly of: UpperLayerMessage
  /** Length of the run in this segment, in octets. */
  readonly octets: number
  /** Length of the whole part, in octets. Present only if some of it is in other segments. */
  readonly messageOctets?: number
  readonly encrypted?: true
  /** Length of the HTTP message before encryption, in octets. */
  readonly plaintextOctets?: number
}

/** Locates a written message in its writer's stream. `end`: offset just after its last octet. */
export const locateMessage = ({ name, text, encrypted }: Extract<Effect, { kind: 'wrote' }>, end: number): StreamMessage => ({
  name,
  end,
  encrypted: encrypted ?? false,
  http: text === undefined ? null : encodeUtf8(text).length,
})

/** The spans of a segment's payload, in order. `wrote`: all messages that its sender has written in the scene. */
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

/**
 * Splits a message into a record header and a body, or, for HTTP without TLS, a single span. Each TLS message has a separate record.
 * `start`: offset of the message in the stream.
 */
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
