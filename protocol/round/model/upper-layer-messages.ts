import { HANDSHAKE_TYPE, type HandshakeName } from '../../tls/format/messages.ts'

/** What the users of TCP say to each other, by name: HTTP, and TLS, whose alert of that name stands for itself. */
export const UPPER_LAYER_MESSAGES = [
  'request',
  'response',
  ...(Object.keys(HANDSHAKE_TYPE) as HandshakeName[]),
  'HelloRetryRequest',
  'ChangeCipherSpec',
  'Alert',
  'close_notify',
] as const
export type UpperLayerMessage = (typeof UPPER_LAYER_MESSAGES)[number]
