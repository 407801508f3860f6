/**
 * Arithmetic of sequence numbers, which have 32 bits and wrap modulo 2^32 (RFC 9293 3.4). `a < b` means that b is one of the 2^31 - 1
 * numbers after a.
 */

/** a + n modulo 2^32; n may be negative. */
export const add = (a: number, n: number): number => (a + n) >>> 0

/** The distance from b forward to a: 0 … 2^32-1. */
export const sub = (a: number, b: number): number => (a - b) >>> 0

/** Comparisons modulo 2^32, as defined above. */
export const lt = (a: number, b: number): boolean => ((a - b) | 0) < 0
export const le = (a: number, b: number): boolean => ((a - b) | 0) <= 0
export const gt = (a: number, b: number): boolean => ((a - b) | 0) > 0
export const ge = (a: number, b: number): boolean => ((a - b) | 0) >= 0

/** Whether n is in [from, to), that is from =< n < to. An empty range contains no number. */
export const isWithin = (n: number, from: number, to: number): boolean => sub(n, from) < sub(to, from)
