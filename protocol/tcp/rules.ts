/**
 * Rule sets. RFC 9293 is the one that every question uses unless a counterfactual world is named:
 * the exercises that ask "why?" play in a world where one rule is missing, and say so.
 */
export interface Rules {
  readonly name: 'RFC 9293'
  /** MAX.SND.WND of 3.10.7.4, "hard-coded to a maximum permissible window value": without window scaling 2^16-1. */
  readonly maxSndWnd: number
}

export const RFC_9293: Rules = { name: 'RFC 9293', maxSndWnd: 65_535 }

/**
 * Who makes the user calls. `given`: the exercise or the student makes them, and data, FIN and ABORT's RST need theirs.
 * `assumed`: a capture, in which the segment implies the call.
 */
export type Calls = 'given' | 'assumed'
