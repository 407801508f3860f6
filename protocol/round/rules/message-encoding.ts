/** Encodes a message for TCP: either an HTTP message, encrypted in scenes with TLS, or a message of TLS itself. */
import type { Seat } from '../../seat.ts'
import type { Finding } from '../../findings.ts'
import { encodeTyped } from '../../http/may-write.ts'
import { decodeUtf8, toHex } from '../../octets.ts'
import type { State } from '../../tcp/tcb.ts'
import { compose } from '../../tls/endpoint/compose.ts'
import type { MessageDraft } from '../model/action.ts'
import type { Effect, MessageSummary } from '../model/effect.ts'
import { httpMessageKindOf } from './http-application.ts'
import { tlsChangeEffect, tlsEndOf, tlsHostOf, summarizeTlsMessage, type TlsTools } from './tls-end.ts'
import type { World } from '../model/world.ts'
import { sceneOf } from '../fold/current-scene.ts'

export type WroteEffect = Extract<Effect, { kind: 'wrote' }>

/** A message that can be passed to TCP. `tlsEffects`: the changes of the TLS endpoint that result from encoding it. */
export interface MessageToSend {
  readonly ok: true
  readonly wrote: WroteEffect
  readonly tlsEffects: readonly Effect[]
}

export type EncodedMessage = MessageToSend | { readonly ok: false; readonly findings: readonly Finding[] }

/**
 * Encodes a message as the octets that a host passes to TCP. Does not check an HTTP message by the rules of HTTP. Throws if the message
 * needs TLS and the scene has none, or `tools` is undefined.
 */
export function encodeMessage(
  world: World,
  seat: Seat,
  by: WroteEffect['by'],
  message: MessageDraft,
  tools: TlsTools | undefined,
): EncodedMessage {
  const connected = canCarryData(world.hosts[seat].tcb.state)
  const text = message.kind === 'http' ? encodeTyped(message.text) : null
  const http = text && { text: decodeUtf8(text) }
  const wrote = (summary: MessageSummary, octets: Uint8Array): WroteEffect => ({
    kind: 'wrote',
    seat,
    by,
    ...summary,
    octets: toHex(octets),
  })
  if (text && !sceneOf(world).tls)
    return connected
      ? { ok: true, wrote: wrote({ name: httpMessageKindOf(seat), ...http }, text), tlsEffects: [] }
      : { ok: false, findings: [notConnectedFinding(world.hosts[seat].tcb.state)] }

  const { endpoint } = tlsEndOf(world, seat)
  const choice = message.kind === 'tls' ? message.choice : { say: 'ApplicationData' as const, data: toHex(text!) }
  const composed = compose(endpoint, choice, tlsHostOf(world, seat, tools), connected)
  if (!composed.ok) return composed
  return {
    ok: true,
    wrote: wrote(
      http ? { name: httpMessageKindOf(seat), ...http, encrypted: true } : summarizeTlsMessage(composed.sent, tools),
      composed.octets,
    ),
    tlsEffects: [tlsChangeEffect(seat, endpoint, composed.endpoint, text ? { said: toHex(text) } : {})],
  }
}

/** Whether data can be sent: the handshake is complete and this side has not closed (RFC 9293 3.10.2). */
export const canCarryData = (state: State): boolean => state === 'ESTABLISHED' || state === 'CLOSE-WAIT'

/** The finding on a message that is written while no connection can carry it. */
const notConnectedFinding = (state: State): Finding => ({
  kind: 'refusal',
  field: 'message',
  given: state,
  want: null,
  rule: 'RFC 9293 3.10.2',
  misconception: 'tls-before-tcp',
})
