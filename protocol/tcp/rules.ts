/**
 * Rule sets. RFC 9293 is the one that every question uses unless a counterfactual world is named:
 * the exercises that ask "why?" play in a world where one rule is missing, and say so.
 */
export interface Rules {
  readonly name: 'RFC 9293'
  /** MAX.SND.WND of 3.10.7.4, "hard-coded to a maximum permissible window value": without window scaling 2^16-1. */
  readonly maxSndWnd: number
}

export const RULE_SETS = ['rfc-9293', 'two-way-handshake', 'no-time-wait', 'no-sequence-check'] as const
export type RuleSetName = (typeof RULE_SETS)[number]
export const rulesNamed = (_name: RuleSetName): Rules => RFC_9293

export const RFC_9293: Rules = { name: 'RFC 9293', maxSndWnd: 65_535 }

/**
 * Who makes the user calls. `given`: the exercise or the student makes them, and data, FIN and ABORT's RST need theirs.
 * `assumed`: a capture, in which the segment implies the call.
 */
export type Calls = 'given' | 'assumed'

/**
 * Every rule that a judgement rests on, by name, with its clause: first what admits a segment that is sent, then what decides on one that
 * arrives, both in the order in which they are asked.
 */
export const RULES = {
  'sends-syn': 'RFC 9293 3.10.1',
  'sends-data': 'RFC 9293 3.10.2',
  'sends-fin': 'RFC 9293 3.10.4',
  'refuses-connection': 'RFC 9293 3.10.7.1',
  'sends-abort': 'RFC 9293 3.10.5',
  'resets-from-closed': 'RFC 9293 3.10.7.1',
  'resets-from-listen': 'RFC 9293 3.10.7.2',
  'resets-from-syn-sent': 'RFC 9293 3.10.7.3',
  'resets-from-syn-received': 'RFC 9293 3.10.7.4',
  'resets-when-called-for': 'RFC 9293 3.5.2',
  'answers-syn': 'RFC 9293 3.10.7.2',
  'answers-simultaneous-syn': 'RFC 9293 3.10.7.3',
  'sends-ack': 'RFC 9293 3.10.7.4',
  'sends-again': 'RFC 9293 3.10.8',
  'keeps-alive': 'RFC 9293 3.8.4',
  'probes-window': 'RFC 9293 3.8.6.1',
  'arrives-in-closed': 'RFC 9293 3.10.7.1',
  'arrives-in-listen': 'RFC 9293 3.10.7.2',
  'arrives-in-syn-sent': 'RFC 9293 3.10.7.3',
  'checks-timestamp': 'RFC 7323 5.3',
  'checks-sequence-number': 'RFC 9293 3.10.7.4',
  'challenges-reset': 'RFC 5961 3.2',
  'checks-reset': 'RFC 9293 3.10.7.4',
  'challenges-syn': 'RFC 5961 4.2',
  'checks-syn': 'RFC 9293 3.10.7.4',
  'challenges-ack': 'RFC 5961 5.2',
  'checks-ack': 'RFC 9293 3.10.7.4',
  'takes-text': 'RFC 9293 3.10.7.4',
} as const

export type RuleName = keyof typeof RULES
