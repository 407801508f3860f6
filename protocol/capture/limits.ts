/** Limits that the judge of a captured connection puts to what its sides may know. */

/** The largest window. Windows are passed to the engine in octets, already scaled, so they can be as large as 2^30 (RFC 7323 2.2). */
export const MAX_WINDOW_OCTETS = 65_535 * 2 ** 14
/** Limits the number of pending replies to segments that arrive after the connection has ended. */
export const MAX_PENDING_REPLIES = 8
