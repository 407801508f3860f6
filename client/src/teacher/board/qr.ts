/** A QR code as a single SVG path, so that a page needs neither inline styles nor images for it. */
import { encode } from 'uqr'

/** `path`: a unit square for each dark module. `side`: the length of the code's side, including the quiet zone of four modules. */
export function buildQrPath(text: string): { path: string; side: number } {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return { path, side: size }
}
