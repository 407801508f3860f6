/**
 * Rule sets. RFC 9293 holds unless a counterfactual set is named: the exercises that ask "why?" are played without one of its rules, and
 * say so.
 */
export const TCP_RULE_SETS = ['rfc-9293', 'two-way-handshake', 'no-time-wait', 'no-sequence-check'] as const
export type TcpRuleSetName = (typeof TCP_RULE_SETS)[number]

/** Each switch is consulted at the clauses that it names, and nowhere else. */
export interface TcpRules {
  readonly name: TcpRuleSetName
  /** MAX.SND.WND of 3.10.7.4, "hard-coded to a maximum permissible window value": without window scaling 2^16-1. */
  readonly maxSndWnd: number
  /**
   * The handshake has a third segment. False: the SYN,ACK of a passive OPEN enters ESTABLISHED as it leaves (3.10.7.2, third), and whoever it
   * comes to answers it with nothing, neither with an ACK (3.10.7.3, fourth) nor with a RST (3.10.7.1; 3.10.7.2, second; 3.10.7.3, first).
   */
  readonly thirdSegment: boolean
  /** TIME-WAIT follows CLOSING (3.10.7.4, fifth) and FIN-WAIT-2 (eighth). False: CLOSED does, and the last ACK is all that is left to send. */
  readonly timeWait: boolean
  /** 3.10.7.4, first. False: whatever sequence number a segment has, it is taken to be the next. */
  readonly sequenceCheck: boolean
}

export const RFC_9293: TcpRules = { name: 'rfc-9293', maxSndWnd: 65_535, thirdSegment: true, timeWait: true, sequenceCheck: true }

const RULES_BY_NAME: { readonly [N in TcpRuleSetName]: TcpRules } = {
  'rfc-9293': RFC_9293,
  'two-way-handshake': { ...RFC_9293, name: 'two-way-handshake', thirdSegment: false },
  'no-time-wait': { ...RFC_9293, name: 'no-time-wait', timeWait: false },
  'no-sequence-check': { ...RFC_9293, name: 'no-sequence-check', sequenceCheck: false },
}

export const getTcpRules = (name: TcpRuleSetName): TcpRules => RULES_BY_NAME[name]

/** A finding's rule; `clause` is the RFC's. In a counterfactual rule set every citation names the set, even where the rule equals the RFC's. */
export const citeTcpRule = (clause: string, { name }: TcpRules): string => (name === 'rfc-9293' ? clause : `${name}, cf. ${clause}`)

/**
 * Who makes the user calls. `given`: the exercise or the student makes them, and data, FIN and ABORT's RST need theirs.
 * `assumed`: a capture, in which the segment implies the call.
 */
export type CallSource = 'given' | 'assumed'

/**
 * Every rule that a judgement rests on, by name, with its clause: first what admits a segment that is sent, then what decides on one that
 * arrives, both in the order in which they are asked.
 */
export const TCP_RULE_CLAUSES = {
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

export type TcpRuleName = keyof typeof TCP_RULE_CLAUSES
