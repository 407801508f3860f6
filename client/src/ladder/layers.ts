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

/** A message in a segment. `whole`: its octets where not all of them are there. */
export interface Carried {
  readonly of: Piece['of']
  readonly octets: number
  readonly encrypted: boolean
  readonly whole: boolean
}

/** The messages of a segment, with their records' headers. */
export function carriedBy(pieces: readonly Piece[], layer: Layer): readonly Carried[] {
  const carried: Carried[] = []
  let last: Piece | null = null
  for (const piece of pieces) {
    const { of, octets, encrypted = false, whole } = piece
    const before = carried.at(-1)
    if (before && last?.layer === 'record' && last.of === of)
      carried[carried.length - 1] = {
        of,
        octets: before.octets + octets,
        encrypted,
        whole: before.whole && whole === undefined,
      }
    else carried.push({ of, octets, encrypted, whole: whole === undefined && piece.layer !== 'record' })
    last = piece
  }
  const named = (name: string) => name === 'request' || name === 'response'
  return layer === 'http' ? carried.filter(({ of }) => named(of)) : carried
}
