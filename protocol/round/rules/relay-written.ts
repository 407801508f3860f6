/** The interceptor of a scene: a man in the middle, who answers with a certificate of his own, reads, and passes on. */
import { decodeUtf8, encodeUtf8, fromHex, toHex } from '../../octets.ts'
import { peerOf, type Seat } from '../../seat.ts'
import type { EndpointHost } from '../../tls/endpoint/endpoint.ts'
import { intercept } from '../../tls/endpoint/interceptor.ts'
import { sceneOf } from '../fold/current-scene.ts'
import type { World } from '../model/world.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { endpointChange, messageNameOf, tlsHostOf, type TlsTools } from './tls-end.ts'

/**
 * Passes what a seat has just written to the scene's interceptor, if there is one. It takes the octets when they are written and not when they
 * pass through the network: a segment may hold part of a record, and only the whole one can be changed.
 */
export function relayWritten(recorder: EffectRecorder, from: Seat, octets: string): void {
  const { interceptor } = recorder.world
  if (!interceptor) return
  const facing = (seat: Seat) => interceptorHostOf(recorder.world, seat, recorder.tlsTools)
  const hosts = { client: facing('client'), server: facing('server') }
  const { changes = [] } = sceneOf(recorder.world).tls?.interceptor ?? {}
  const change = (data: Uint8Array) =>
    encodeUtf8(changes.reduce((text, { text: was, into }) => text.replaceAll(was, into), decodeUtf8(data)))
  const result = intercept(interceptor.endpoints, from, fromHex(octets), hosts, change)
  if (!result) return recorder.record({ kind: 'relayed', from, octets: '', read: [], facing: null })
  const { endpoints: before } = interceptor
  recorder.record({
    kind: 'relayed',
    from,
    octets: toHex(result.octets),
    read: result.read.flatMap((message) => (message.kind === 'ApplicationData' ? [] : [messageNameOf(message)])),
    ...(result.data.length > 0 ? { data: result.data.map((each) => ({ from, ...each })) } : {}),
    facing: {
      client: endpointChange(before.client, result.interceptor.client),
      server: endpointChange(before.server, result.interceptor.server),
    },
  })
}

/** The configuration of the interceptor's endpoint that faces a seat: that of the seat's peer, but with its own certificate and randoms. */
function interceptorHostOf(world: World, facing: Seat, tools: TlsTools | undefined): EndpointHost {
  const { config, ...host } = tlsHostOf(world, peerOf(facing), tools)
  const shows = sceneOf(world).tls?.interceptor?.shows
  const identity = shows !== undefined && tools ? tools.identity(shows) : null
  return { ...host, config: { ...config, identity, seed: `${config.seed}${INTERCEPTOR_SEED_SUFFIX}` } }
}

/** Hexadecimal digits that make its randomness independent of the hosts'. */
const INTERCEPTOR_SEED_SUFFIX = '01'
