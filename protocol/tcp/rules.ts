/**
 * Rule sets. RFC 9293 is the one that every question uses unless a counterfactual world is named:
 * the exercises that ask "why?" play in a world where one rule is missing, and say so.
 */
export interface Rules {
  readonly name: 'RFC 9293'
}

export const RFC_9293: Rules = { name: 'RFC 9293' }

/**
 * Who makes the user calls. `given`: the exercise or the student makes them, and data, FIN and ABORT's RST need theirs.
 * `assumed`: a capture, in which the segment implies the call.
 */
export type Calls = 'given' | 'assumed'
