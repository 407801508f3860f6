/** Actions on the wire: of the network seat, the teacher or the system. */
import { networkPart, sceneOf } from '../fold/current-scene.ts'
import type { Actor, WireAction } from '../model/action.ts'
import type { Verdict } from '../model/verdict.ts'
import { ACCEPTED, barAction } from './decision.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { deliverSegment } from './host.ts'
import { runToQuiescence } from './quiescence.ts'
import { duplicateSegment, holdSegment, injectSegment } from './transit.ts'

/** Judges an action on the wire and executes it. The exercise restricts the network seat, but not the teacher and the system. */
export function judgeWireAction(recorder: EffectRecorder, actor: Actor, action: WireAction): Verdict {
  const { world } = recorder
  const part = networkPart(world)
  if (actor === 'client' || actor === 'server') return barAction('not-yours')
  if (actor === 'network' && !(action.wire === 'pass' ? part : part?.may.includes(action.wire))) return barAction('not-yours')
  if (action.wire === 'inject') {
    const injection = sceneOf(world).network?.injections[action.injection]
    if (!injection) return barAction('no-segment')
    injectSegment(recorder, injection)
  } else {
    const flight = world.wire.find(({ id }) => id === action.segment)
    if (!flight) return barAction('no-segment')
    switch (action.wire) {
      case 'pass':
        recorder.record({ kind: 'clock', now: world.clock + sceneOf(world).times.transit })
        deliverSegment(recorder, flight)
        break
      case 'drop':
        recorder.record({ kind: 'lost', id: flight.id, at: world.clock, why: 'dropped' })
        break
      case 'duplicate':
        duplicateSegment(recorder, flight.id, null)
        break
      case 'hold':
        if (flight.due !== null) return barAction('no-segment')
        holdSegment(recorder, flight.id)
        break
    }
  }
  runToQuiescence(recorder)
  return ACCEPTED
}
