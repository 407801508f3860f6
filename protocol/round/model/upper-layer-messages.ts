import { HANDSHAKE_TYPE, type HandshakeName } from '../../tls/format/messages.ts'

/** Names of the messages that are sent over TCP: those of HTTP and of TLS. The alert close_notify has a separate name. */
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
