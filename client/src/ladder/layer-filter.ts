/** Filters a ladder by layer: every TCP segment, or only those that carry TLS or HTTP messages. Pure. */
import type { PayloadSpan } from '../../../protocol/round/fold/payload-layout.ts'
import type { LadderRow } from './rows.ts'

export const LAYERS = ['tcp', 'tls', 'http'] as const
export type Layer = (typeof LAYERS)[number]

const listPieces = (row: LadderRow): readonly PayloadSpan[] => ('segment' in row ? (row.segment.payload ?? []) : [])

const belongsTo = (layer: Layer) => (piece: PayloadSpan) =>
  layer === 'tcp' || (layer === 'tls' ? belongsToTls(piece) : piece.layer === 'http')
const belongsToTls = ({ layer, encrypted }: PayloadSpan): boolean => layer !== 'http' || encrypted === true

/** The layers that occur in these rows; always with `tcp`. */
export const listLayers = (rows: readonly LadderRow[]): readonly Layer[] => {
  const pieces = rows.flatMap(listPieces)
  return LAYERS.filter((layer) => layer === 'tcp' || pieces.some(belongsTo(layer)))
}

/** The rows that a layer shows. Above TCP: segments with its messages, refused attempts to write one, clock and scene rows. */
export function filterByLayer(rows: readonly LadderRow[], layer: Layer): readonly LadderRow[] {
  if (layer === 'tcp') return rows
  return rows.filter((row) => {
    if (row.kind === 'clock' || row.kind === 'scene') return true
    return row.kind === 'refused' ? row.act.kind === 'write' : listPieces(row).some(belongsTo(layer))
  })
}

/** A message, or a part of one, that a segment carries. */
export interface CarriedMessage {
  readonly message: PayloadSpan['of']
  readonly octets: number
  readonly encrypted: boolean
  /** Whether the segment carries all octets of the message. */
  readonly whole: boolean
}

/** The messages of a segment; their octets include the headers of their records. */
export function listCarriedMessages(pieces: readonly PayloadSpan[], layer: Layer): readonly CarriedMessage[] {
  const carried: CarriedMessage[] = []
  let header: PayloadSpan | null = null
  for (const piece of pieces) {
    const { of, encrypted = false } = piece
    if (piece.layer === 'record') {
      carried.push({ message: of, octets: piece.octets, encrypted, whole: false })
      header = piece
      continue
    }
    const headed = header ? carried.pop() : undefined
    const plain = piece.layer === 'http' && !encrypted
    const whole = piece.messageOctets === undefined && (plain || (header !== null && header.messageOctets === undefined))
    carried.push({ message: of, octets: (headed?.octets ?? 0) + piece.octets, encrypted, whole })
    header = null
  }
  const named = (name: string) => name === 'request' || name === 'response'
  return layer === 'http' ? carried.filter(({ message }) => named(message)) : carried
}
