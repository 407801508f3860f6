/** An eavesdropper on the wire, who computes what can be learned from a scene's conversation once the goal is reached. */
import type { Seat } from '../../seat.ts'
import { decodePrivateKey } from '../../tls/keys/certificate.ts'
import { eavesdrop, type EavesdropResult } from '../../tls/watch/eavesdrop.ts'
import { fromHex } from '../../octets.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { octetsSentBy } from '../fold/application-stream.ts'
import type { TlsTools } from './tls-end.ts'
import type { World } from '../model/world.ts'
import { sceneOf } from '../fold/current-scene.ts'

/** Runs the scene's eavesdropper on the captured octets: first without any key, then with the leaked private key if there is one. */
export function runEavesdropper(recorder: EffectRecorder): void {
  const { eavesdropper } = sceneOf(recorder.world).tls ?? {}
  if (!eavesdropper || !recorder.tlsTools || recorder.world.eavesdropped) return
  const { world, tlsTools } = recorder
  for (const leaked of eavesdropper.leaks ? [null, eavesdropper.leaks] : [null])
    recorder.record({ kind: 'overheard', leaked, ...eavesdropWith(world, leaked, tlsTools) })
}

/** What can be decrypted of the octets on the wire with the private key of the certificate of `leaked`. Null: without any key. */
function eavesdropWith(world: World, leaked: Seat | null, { crypto, certificates, identity }: TlsTools): EavesdropResult {
  const scene = sceneOf(world)
  const shows = leaked && scene.tls?.[leaked].shows
  const key = shows ? identity(shows).key : null
  const wire = { client: octetsOnWire(world, 'client'), server: octetsOnWire(world, 'server') }
  return eavesdrop({ wire, leaked: key ? [decodePrivateKey(key)] : [], certificates }, crypto)
}

/** The octets that a host has sent in this scene, without retransmissions. */
function octetsOnWire(world: World, seat: Seat): Uint8Array {
  const { stream, tcb } = world.hosts[seat]
  return fromHex(stream.slice(0, 2 * octetsSentBy(sceneOf(world), seat, tcb)))
}
