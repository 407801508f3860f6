/** An eavesdropper or interceptor on the wire: what can be learned from a scene's conversation, computed once the goal is reached. */
import type { Seat } from '../../seat.ts'
import { decodePrivateKey } from '../../tls/keys/certificate.ts'
import { eavesdrop, type EavesdropResult } from '../../tls/watch/eavesdrop.ts'
import { fromHex } from '../../octets.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { octetsAtClient, octetsSentBy } from '../fold/application-stream.ts'
import type { TlsTools } from './tls-end.ts'
import type { World } from '../model/world.ts'
import { sceneOf } from '../fold/current-scene.ts'

/**
 * Runs the scene's eavesdropper on the captured octets: first without any key, then with the leaked private key if there is one. An
 * interceptor has a key of its own.
 */
export function runEavesdropper(recorder: EffectRecorder): void {
  const { tls } = sceneOf(recorder.world)
  if (!tls || !recorder.tlsTools || recorder.world.eavesdropped) return
  const { eavesdropper, interceptor } = tls
  const { world, tlsTools } = recorder
  if (eavesdropper)
    for (const leaked of eavesdropper.leaks ? [null, eavesdropper.leaks] : [null]) {
      const shows = leaked && tls[leaked].shows
      recorder.record({ kind: 'overheard', leaked, ...eavesdropWith(world, shows, tlsTools) })
    }
  if (interceptor) {
    const { steps, missing } = eavesdropWith(world, interceptor.shows, tlsTools)
    // Its key is the right one at once, and the server's records on this side are its own.
    const own = steps.filter(({ works, inputs }) => works && !inputs.some(({ name }) => name === 'server-key'))
    const intercepted = world.interceptor?.data ?? []
    recorder.record({ kind: 'overheard', leaked: null, intercepted, steps: own, plaintexts: [], missing })
  }
}

/** What can be decrypted of the octets on the wire with the private key of the identity `shows`. Null: without any key. */
function eavesdropWith(world: World, shows: string | null, { crypto, certificates, identity }: TlsTools): EavesdropResult {
  const key = shows === null ? null : identity(shows).key
  const wire = { client: octetsOnWire(world, 'client'), server: octetsOnWire(world, 'server') }
  return eavesdrop({ wire, leaked: key ? [decodePrivateKey(key)] : [], certificates }, crypto)
}

/** The octets that a host has sent in this scene, without retransmissions, as they are seen at the client. */
export function octetsOnWire(world: World, seat: Seat): Uint8Array {
  const stream = octetsAtClient(world, seat)
  return fromHex(stream.slice(0, 2 * octetsSentBy(sceneOf(world), seat, world.hosts[seat].tcb)))
}
