/** The states of RFC 9293 3.3.2, in the RFC's order. The RFC calls CLOSED fictional, because it means that there is no TCB. */
export const STATES = [
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
  'CLOSED',
] as const

export type State = (typeof STATES)[number]
