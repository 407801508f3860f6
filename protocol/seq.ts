/**
 * Sequence numbers: 32 bits, all arithmetic modulo 2^32 (RFC 9293 3.4). `a < b` means that b lies within the 2^31 - 1 numbers
 * after a.
 */

/** a + n; n may be negative. */
export const add = (a: number, n: number): number => (a + n) >>> 0

/** How far a lies after b, 0 … 2^32-1. */
export const sub = (a: number, b: number): number => (a - b) >>> 0

export const lt = (a: number, b: number): boolean => ((a - b) | 0) < 0
export const le = (a: number, b: number): boolean => ((a - b) | 0) <= 0
export const gt = (a: number, b: number): boolean => ((a - b) | 0) > 0
export const ge = (a: number, b: number): boolean => ((a - b) | 0) >= 0

/** from =< n < to: is n one of the numbers that [from, to) holds? An empty range holds none. */
export const isWithin = (n: number, from: number, to: number): boolean => sub(n, from) < sub(to, from)
