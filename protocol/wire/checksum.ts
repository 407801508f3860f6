/** The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words. */

/** Adds `bytes[from … to)` to `sum` as 16-bit words, the last one padded with zero, without folding carries. At most 2^20 octets. */
export function sumWords(bytes: Uint8Array, from: number, to: number, sum = 0): number {
  let at = from
  // Eight octets per iteration: most octets of a capture are payload, so this loop dominates.
  for (const last = to - 7; at < last; at += 8) {
    sum +=
      ((bytes[at]! << 8) | bytes[at + 1]!) +
      ((bytes[at + 2]! << 8) | bytes[at + 3]!) +
      ((bytes[at + 4]! << 8) | bytes[at + 5]!) +
      ((bytes[at + 6]! << 8) | bytes[at + 7]!)
  }
  for (const last = to - 1; at < last; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!
  if (at < to) sum += bytes[at]! << 8
  return sum
}

/** Folds a sum to 16 bits by adding the carries (end-around carry). */
export function foldCarries(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000)
  return folded
}
