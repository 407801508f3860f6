/** Somebody on the wire, who computes what can be computed from a scene's conversation once it is over. */
import { privateKey } from '../tls/certificate.ts'
import { eavesdrop, type Overheard } from '../tls/eavesdrop.ts'
import { unhex } from '../octets.ts'
import type { Course } from './course.ts'
import type { Seat } from './exercise.ts'
import { sentOf } from './stream.ts'
import type { TlsTools } from './tls.ts'
import { sceneOf, type World } from './world.ts'

/** The eavesdropper sits down to what the wire has carried: with nothing else, and then with the key that leaks. */
export function overhears(course: Course): void {
  const { eavesdropper } = sceneOf(course.world).tls ?? {}
  if (!eavesdropper || !course.tls || course.world.overheard) return
  const { world, tls } = course
  for (const leaked of eavesdropper.leaks ? [null, eavesdropper.leaks] : [null])
    course.do({ is: 'overheard', leaked, ...readBy(world, leaked, tls) })
}

/** What can be read of the octets on the wire, by somebody who has the private key of the certificate of `leaked` or nobody's. */
function readBy(world: World, leaked: Seat | null, { crypto, certificates, identity }: TlsTools): Overheard {
  const scene = sceneOf(world)
  const shows = leaked && scene.tls?.[leaked].shows
  const key = shows ? identity(shows).key : null
  const wire = { client: carried(world, 'client'), server: carried(world, 'server') }
  return eavesdrop({ wire, leaked: key ? [privateKey(key)] : [], certificates }, crypto)
}

/** What has left a host in this scene. */
function carried(world: World, seat: Seat): Uint8Array {
  const { stream, tcb } = world.hosts[seat]
  return unhex(stream.slice(0, 2 * sentOf(sceneOf(world), seat, tcb)))
}
