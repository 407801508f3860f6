/** A ladder folded by layer: all of TCP, or only what carries TLS messages, or HTTP. Pure. */
import type { Piece } from '../../../protocol/world/pieces.ts'
import type { LadderRow } from './rows.ts'

export const LAYERS = ['tcp', 'tls', 'http'] as const
export type Layer = (typeof LAYERS)[number]

const piecesOf = (row: LadderRow): readonly Piece[] => ('segment' in row ? (row.segment.pieces ?? []) : [])

const isOf = (layer: Layer) => (piece: Piece) => layer === 'tcp' || (layer === 'tls' ? isOfTls(piece) : piece.layer === 'http')
const isOfTls = ({ layer, encrypted }: Piece): boolean => layer !== 'http' || encrypted === true

/** The layers that these rows have anything of. */
export const layersOf = (rows: readonly LadderRow[]): readonly Layer[] => {
  const pieces = rows.flatMap(piecesOf)
  return LAYERS.filter((layer) => layer === 'tcp' || pieces.some(isOf(layer)))
}

/** What is left of the rows at a layer: its messages, the attempts to write one, and the time between them. */
export function fold(rows: readonly LadderRow[], layer: Layer): readonly LadderRow[] {
  if (layer === 'tcp') return rows
  return rows.filter((row) => {
    if (row.kind === 'clock' || row.kind === 'scene') return true
    return row.kind === 'refused' ? row.act.type === 'write' : piecesOf(row).some(isOf(layer))
  })
}

/** A message in a segment. */
export interface Carried {
  readonly of: Piece['of']
  readonly octets: number
  readonly encrypted: boolean
  /** All of its octets are there. */
  readonly whole: boolean
}

/** The messages of a segment, with their records' headers. */
export function carriedBy(pieces: readonly Piece[], layer: Layer): readonly Carried[] {
  const carried: Carried[] = []
  let header: Piece | null = null
  for (const piece of pieces) {
    const { of, encrypted = false } = piece
    if (piece.layer === 'record') {
      carried.push({ of, octets: piece.octets, encrypted, whole: false })
      header = piece
      continue
    }
    const headed = header ? carried.pop() : undefined
    const plain = piece.layer === 'http' && !encrypted
    const whole = piece.whole === undefined && (plain || (header !== null && header.whole === undefined))
    carried.push({ of, octets: (headed?.octets ?? 0) + piece.octets, encrypted, whole })
    header = null
  }
  const named = (name: string) => name === 'request' || name === 'response'
  return layer === 'http' ? carried.filter(({ of }) => named(of)) : carried
}
