/** A ladder folded by layer: all of TCP, or only what carries TLS messages, or HTTP. Pure. */
import type { PayloadSpan } from '../../../protocol/round/fold/payload-layout.ts'
import type { LadderRow } from './rows.ts'

export const LAYERS = ['tcp', 'tls', 'http'] as const
export type Layer = (typeof LAYERS)[number]

const listPieces = (row: LadderRow): readonly PayloadSpan[] => ('segment' in row ? (row.segment.payload ?? []) : [])

const belongsTo = (layer: Layer) => (piece: PayloadSpan) =>
  layer === 'tcp' || (layer === 'tls' ? belongsToTls(piece) : piece.layer === 'http')
const belongsToTls = ({ layer, encrypted }: PayloadSpan): boolean => layer !== 'http' || encrypted === true

/** The layers that these rows have anything of. */
export const listLayers = (rows: readonly LadderRow[]): readonly Layer[] => {
  const pieces = rows.flatMap(listPieces)
  return LAYERS.filter((layer) => layer === 'tcp' || pieces.some(belongsTo(layer)))
}

/** What is left of the rows at a layer: its messages, the attempts to write one, and the time between them. */
export function filterByLayer(rows: readonly LadderRow[], layer: Layer): readonly LadderRow[] {
  if (layer === 'tcp') return rows
  return rows.filter((row) => {
    if (row.kind === 'clock' || row.kind === 'scene') return true
    return row.kind === 'refused' ? row.act.kind === 'write' : listPieces(row).some(belongsTo(layer))
  })
}

/** A message in a segment. */
export interface CarriedMessage {
  readonly message: PayloadSpan['of']
  readonly octets: number
  readonly encrypted: boolean
  /** All of its octets are there. */
  readonly whole: boolean
}

/** The messages of a segment, with their records' headers. */
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
