/** Who may use a route or an event. The contract names the rule; `server/identity/access.ts` checks it. */

/**
 * - `anyone`: with or without a token.
 * - `teacher`: whoever is signed in as one.
 * - `teacher of the session`, `teacher of the round`: the one whose lesson it is.
 * - `teacher of the exercise`: the one who has brought it along.
 * - `seat of the round`: a participant who plays or has played in it.
 * - `network seat of the round`: the participant who has its wire.
 * - `seat or teacher of the round`: any of the last three.
 */
export type AccessRule =
  | 'anyone'
  | 'teacher'
  | 'teacher of the session'
  | 'teacher of the round'
  | 'teacher of the exercise'
  | 'seat of the round'
  | 'network seat of the round'
  | 'seat or teacher of the round'
