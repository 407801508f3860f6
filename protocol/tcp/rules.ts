/**
 * Rule sets of TCP. RFC 9293 applies unless a counterfactual set is named. Counterfactual sets lack one rule of the RFC; they are used by
 * the exercises that ask why that rule is needed.
 */
export const TCP_RULE_SETS = ['rfc-9293', 'two-way-handshake', 'no-time-wait', 'no-sequence-check'] as const
export type TcpRuleSetName = (typeof TCP_RULE_SETS)[number]

/** Each switch is consulted only where the clauses that it names are implemented. */
export interface TcpRules {
  readonly name: TcpRuleSetName
  /** MAX.SND.WND of 3.10.7.4, "hard-coded to a maximum permissible window value": without window scaling 2^16-1. */
  readonly maxSndWnd: number
  /**
   * The handshake has a third segment. False: after a passive OPEN, sending the SYN,ACK enters ESTABLISHED (3.10.7.2, third). No receiver
   * answers a SYN,ACK, neither with an ACK (3.10.7.3, fourth) nor with a RST (3.10.7.1; 3.10.7.2, second; 3.10.7.3, first).
   */
  readonly thirdSegment: boolean
  /** TIME-WAIT follows CLOSING (3.10.7.4, fifth) and FIN-WAIT-2 (eighth). False: CLOSED follows; only the last ACK is still sent. */
  readonly timeWait: boolean
  /** The check of 3.10.7.4, first. False: every segment is processed as if its sequence number were RCV.NXT. */
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

/** The citation for a finding. `clause`: the RFC's. A counterfactual set is always named, even if its rule is the same as the RFC's. */
export const citeTcpRule = (clause: string, { name }: TcpRules): string => (name === 'rfc-9293' ? clause : `${name}, cf. ${clause}`)

/**
 * Where user calls come from. `given`: the exercise or the student makes them, and data, FIN and ABORT's RST may be sent only after the
 * corresponding call. `assumed`: the calls are unknown, as in a capture; a segment implies that its call was made.
 */
export type CallSource = 'given' | 'assumed'

/**
 * The names of all rules that a judgement can be based on, with their clauses: first the rules that permit sending a segment, then the
 * rules that process an arriving segment, both in the order in which they are applied.
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
