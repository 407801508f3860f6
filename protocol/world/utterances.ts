import { HANDSHAKE, type HandshakeName } from '../tls/messages.ts'

/** What the users of TCP say to each other, by name: HTTP, and TLS, whose alert of that name stands for itself. */
export const UTTERANCES = [
  'request',
  'response',
  ...(Object.keys(HANDSHAKE) as HandshakeName[]),
  'HelloRetryRequest',
  'ChangeCipherSpec',
  'Alert',
  'close_notify',
] as const
export type Utterance = (typeof UTTERANCES)[number]
