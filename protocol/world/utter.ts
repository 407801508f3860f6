/** A message on its way down: HTTP's octets, what TLS makes of them, and what TLS has to say itself. */
import type { Finding } from '../findings.ts'
import { octetsOf } from '../http/write.ts'
import { fromUtf8, hex } from '../octets.ts'
import type { State } from '../tcp/tcb.ts'
import { compose } from '../tls/compose.ts'
import type { Composed, Effect, Spoken } from './action.ts'
import type { Seat } from './exercise.ts'
import { kindOf } from './http.ts'
import { changed, endOf, hostOf, spoken, type TlsTools } from './tls.ts'
import { sceneOf, type World } from './world.ts'

export type Wrote = Extract<Effect, { is: 'wrote' }>

export type Uttered =
  /** `more`: what has changed in TLS with it. */
  | { readonly ok: true; readonly wrote: Wrote; readonly more: readonly Effect[] }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** What a host hands to TCP for this message. An HTTP message has been judged as such. */
export function utter(world: World, seat: Seat, by: Wrote['by'], message: Composed, tools: TlsTools | undefined): Uttered {
  const stood = stands(world.hosts[seat].tcb.state)
  const text = message.layer === 'http' ? octetsOf(message.text) : null
  const http = text && { text: fromUtf8(text) }
  const wrote = (spoken: Spoken, octets: Uint8Array): Wrote => ({ is: 'wrote', seat, by, ...spoken, octets: hex(octets) })
  if (text && !sceneOf(world).tls)
    return stood
      ? { ok: true, wrote: wrote({ name: kindOf(seat), ...http }, text), more: [] }
      : { ok: false, findings: [beforeTcp(world.hosts[seat].tcb.state)] }

  const { endpoint } = endOf(world, seat)
  const choice = message.layer === 'tls' ? message.choice : { say: 'ApplicationData' as const, data: hex(text!) }
  const composed = compose(endpoint, choice, hostOf(world, seat, tools), stood)
  if (!composed.ok) return composed
  return {
    ok: true,
    wrote: wrote(http ? { name: kindOf(seat), ...http, encrypted: true } : spoken(composed.said, tools), composed.octets),
    more: [changed(seat, endpoint, composed.endpoint, text ? { said: hex(text) } : {})],
  }
}

/** Octets can be brought over: both sides have heard each other, and this one has not closed. */
export const stands = (state: State): boolean => state === 'ESTABLISHED' || state === 'CLOSE-WAIT'

/** A message while there is no connection that could carry it. */
const beforeTcp = (state: State): Finding => ({
  kind: 'refusal',
  field: 'message',
  given: state,
  want: null,
  rule: 'RFC 9293 3.10.2',
  misconception: 'tls-before-tcp',
})
