/** The codes of failures. This file has no schemas, so that pages can load it. */

/** The codes. The pages have a text for each. */
export const ERRORS = [
  'malformed', // the payload does not fit its schema
  'unauthenticated',
  'outdated', // the page was loaded from another version of the server; reload it
  'forbidden',
  'not-found',
  'wrong-code',
  'session-ended',
  'members-only', // only members of its course enter this session
  'unknown-number', // the code and the student number do not fit
  'other-device', // this member is there on another device; ask again with `takeOver`
  'asleep', // this member goes on on another device
  'door-locked', // the teacher lets nobody new join
  'too-many', // a rate limit was exceeded; `retryAfter` is in seconds
  'id-reused', // the same action id was used with another body
  'round-over', // the act arrived after the round's end
  'round-full', // the round has reached its maximum number of entries and accepts no further acts
  'conflict', // the data changed in the meantime; reload and try again
  'unavailable', // the server cannot answer now, for example because the database is away; send it again
  'already-used', // the one-time link has been used or has expired
  'wrong-password',
  'not-over', // the round is still being played
  'not-released', // the results of the exam have not been released
  'platform-failed', // a learning platform does not do its part; `problems` says what
  'bad-exercise', // `problems` lists what to correct, and where
] as const
export type ErrorCode = (typeof ERRORS)[number]
