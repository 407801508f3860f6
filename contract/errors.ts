/** Why something was not done. A file without schemas, so that a page may load it. */

/** The codes; the pages have a sentence for each. */
export const ERRORS = [
  'malformed', // the payload does not fit its schema
  'unauthenticated',
  'forbidden',
  'not-found',
  'wrong-code',
  'session-ended',
  'too-many', // a rate limit; `retryAfter` says when
  'id-reused', // the same action id with another body
  'round-over', // nothing is taken any more; what was sent came too late
  'round-full', // longer than anybody plays: it takes no further acts
  'conflict', // somebody else was quicker; look again
  'unavailable', // the database does not answer; send it again
  'already-used', // a one-time link
  'wrong-password',
  'not-over', // the round is still being played
  'not-released', // an exam whose results are not out yet
  'bad-exercise', // `problems` says where and what to do
] as const
export type ErrorCode = (typeof ERRORS)[number]
