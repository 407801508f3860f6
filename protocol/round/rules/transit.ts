/** The wire: what happens to a segment between two hosts. */
import { peerOf } from '../../seat.ts'
import { segmentKindsOf } from '../../segment.ts'
import { gt, sub } from '../../seq.ts'
import { isConditionMet } from '../fold/progress.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { type WireFault } from '../model/exercise.ts'
import type { ScriptInjection } from '../model/script.ts'
import type { InFlightSegment, World } from '../model/world.ts'
import { sceneOf } from '../fold/current-scene.ts'

/** World ms after which a held segment travels on at the latest, so that no legal course of play can come to a standstill. */
const MAX_HOLD_MS = 30_000

/** Applies the wire's faults to a segment that leaves its host. True: deliver it now. False: it is lost or held. */
export function startTransit(recorder: EffectRecorder, flight: InFlightSegment): boolean {
  const { clock, wireStopped } = recorder.world
  const { id } = flight
  if (wireStopped) {
    recorder.record({ kind: 'held', id, due: null })
    return false
  }
  const fault = matchFaults(recorder, flight)
  if (!fault || fault.do === 'pass') return true
  const after = fault.after ?? sceneOf(recorder.world).times.transit
  switch (fault.do) {
    case 'drop':
      recorder.record({ kind: 'lost', id, at: clock + after, why: 'dropped' })
      return false
    case 'corrupt':
      recorder.record({ kind: 'lost', id, at: clock + after, why: 'corrupted' })
      return false
    case 'duplicate':
      duplicateSegment(recorder, id, clock + after)
      return true
    case 'delay':
      recorder.record({ kind: 'held', id, due: clock + after })
      return false
    case 'hold': {
      const due = clock + (fault.after ?? MAX_HOLD_MS)
      recorder.record(fault.until ? { kind: 'held', id, due, until: fault.until } : { kind: 'held', id, due })
      return false
    }
  }
}

/** Keeps a segment on the wire until somebody lets it pass, but at most for `MAX_HOLD_MS`. */
export function holdSegment(recorder: EffectRecorder, id: number): void {
  recorder.record({ kind: 'held', id, due: recorder.world.clock + MAX_HOLD_MS })
}

/** Puts a copy of a segment on the wire. It arrives at world time `due` (ms), or, if that is null, once it is let pass. */
export function duplicateSegment(recorder: EffectRecorder, id: number, due: number | null): void {
  const copy = recorder.world.segmentCount + 1
  recorder.record({ kind: 'copied', id: copy, of: id, at: recorder.world.clock })
  recorder.record({ kind: 'held', id: copy, due })
}

/** Puts an injected segment, which no seat has sent, on the wire. */
export function injectSegment(recorder: EffectRecorder, { as, to, from, after, segment }: ScriptInjection): void {
  const { clock, segmentCount } = recorder.world
  const id = segmentCount + 1
  const whose = from === undefined ? {} : { stranger: from }
  recorder.record({ kind: 'injected', to, id, at: clock, segment, as, ...whose })
  recorder.record({ kind: 'held', id, due: clock + (after ?? 0) })
}

/** Counts the segment for each fault that it matches. Returns the first fault that applies to it, if any. */
function matchFaults(recorder: EffectRecorder, flight: InFlightSegment): WireFault | undefined {
  let applies: WireFault | undefined
  for (const [index, fault] of (sceneOf(recorder.world).wire ?? []).entries()) {
    if (!isFaultMatch(recorder.world, flight, fault.on)) continue
    recorder.record({ kind: 'matched', fault: index })
    const { nth = 1, until } = fault
    const now =
      nth === 'every'
        ? !(until && isConditionMet(recorder.world, until, fault.on.from))
        : recorder.world.faultMatches[index] === nth
    if (now) applies ??= fault
  }
  return applies
}

/**
 * Whether a segment matches the criteria of a fault: what the segment carries, whether it would leave a gap at the receiver, and what it
 * newly acknowledges to the receiver.
 */
function isFaultMatch(
  world: World,
  { from, segment }: InFlightSegment,
  { from: wanted, sends, acknowledges, gap }: WireFault['on'],
): boolean {
  const { snd, rcv, iss, finSent, state } = world.hosts[peerOf(from)].tcb
  if (from !== wanted) return false
  if (sends !== undefined && !segmentKindsOf(segment).includes(sends)) return false
  if (gap !== undefined && gap !== gt(segment.seq, rcv.nxt)) return false
  if (acknowledges === undefined) return true
  const news = segment.ack === null ? 0 : sub(segment.ack, snd.una)
  if (state === 'CLOSED' || news > sub(snd.nxt, snd.una)) return false
  if (acknowledges === 'window') return segment.ack !== null && news === 0 && snd.wnd === 0 && segment.window > 0
  if (news === 0) return false
  const syn = snd.una === iss
  const fin = finSent !== null && segment.ack === snd.nxt
  switch (acknowledges) {
    case 'SYN':
      return syn
    case 'FIN':
      return fin
    case 'data':
      return news > (syn ? 1 : 0) + (fin ? 1 : 0)
  }
}
