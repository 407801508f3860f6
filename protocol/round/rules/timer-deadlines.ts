/** Computes when a host's timers expire, in world time. */
import type { Tcb, Timer } from '../../tcp/tcb.ts'
import type { Host, World } from '../model/world.ts'
import { sceneOf } from '../fold/current-scene.ts'

const TIMERS: readonly Timer[] = ['user', 'retransmission', 'persist', 'time-wait']
/** World ms: upper limit of the retransmission timeout, unless the initial one is longer. */
const MAX_BACKED_OFF_MS = 60_000

/**
 * The deadlines (world ms) of the timers that run in `after`. A timer that was running before keeps its deadline; one that starts or
 * restarts gets a new one. Returns the object `running` itself if no deadline changes.
 */
export function computeTimerDeadlines(
  world: World,
  before: Tcb,
  after: Tcb,
  running: Host['timerDeadlines'],
  restarted: readonly Timer[],
): Host['timerDeadlines'] {
  const { rto, msl, userTimeout } = sceneOf(world).times
  // RFC 6298 5.5, RFC 9293 3.8.6.1: each consecutive timeout doubles the time to the next.
  const backedOff = Math.min(rto * 2 ** after.backoff, Math.max(rto, MAX_BACKED_OFF_MS))
  const spans: { readonly [T in Timer]: number } = {
    user: userTimeout,
    retransmission: backedOff,
    persist: backedOff,
    'time-wait': 2 * msl,
  }
  // RFC 6298 5.3: an acknowledgment of new data restarts the retransmission timer.
  const restartedAlso = after.snd.una === before.snd.una ? restarted : [...restarted, 'retransmission']
  const due: { [T in Timer]?: number } = {}
  for (const timer of after.timers)
    due[timer] = (restartedAlso.includes(timer) ? undefined : running[timer]) ?? world.clock + spans[timer]
  return TIMERS.some((timer) => due[timer] !== running[timer]) ? due : running
}
