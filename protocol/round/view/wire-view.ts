/**
 * What the network seat receives of an entry: what is on the wire and what becomes of it, and nothing of the hosts. Made on the server and
 * numbered like any seat's views.
 */
import { peerOf, type Seat } from '../../seat.ts'
import type { ControlAction, WireAction } from '../model/action.ts'
import type { Outcome, Reason } from '../model/verdict.ts'
import type { TimelineEntry } from '../fold/timeline.ts'
import { isControlVisibleTo } from '../fold/visibility.ts'
import { type Injection, type WireOperation } from '../model/exercise.ts'
import type { OverheardView, SegmentView } from './seat-view.ts'
import { overheardView } from './project-seat-view.ts'
import { segmentView } from './segment-view.ts'
import type { World } from '../model/world.ts'
import { networkPart } from '../fold/current-scene.ts'
import { toOpaqueSceneId } from './opaque-ids.ts'

export interface InFlightSegmentView extends SegmentView {
  /** It stays for a while, whoever else lets segments pass. */
  readonly held: boolean
}

export interface WireEventView {
  /** The network seat's own act. */
  readonly act?: { readonly id: string; readonly action: WireAction; readonly outcome: Outcome; readonly reason?: Reason }
  /** Segments that have come onto the wire, have left it at the other end, or will never leave it. */
  readonly entered?: readonly SegmentView[]
  readonly delivered?: readonly SegmentView[]
  readonly lost?: readonly SegmentView[]
  readonly control?: ControlAction['control']
  /** What can be computed from what has been on the wire. */
  readonly overheard?: readonly OverheardView[]
  /** A further scene has opened. */
  readonly scene?: number
}

/** How the wire stands after the view. */
export interface WireNowView {
  readonly scene: { readonly number: number; readonly id: string }
  /** World ms. */
  readonly clock: number
  /** The segments in flight, oldest first. */
  readonly inFlight: readonly InFlightSegmentView[]
  /** Segments stop on the wire until they are let pass. */
  readonly stopped: boolean
  /** What the scene allows beyond letting segments pass. */
  readonly permittedOperations: readonly WireOperation[]
  readonly injections: readonly { readonly as: Injection['as']; readonly to: Seat; readonly segment: SegmentView }[]
  readonly paused: boolean
  readonly over: World['over']
}

export interface WireView {
  /** From 1, without gaps. */
  readonly n: number
  readonly event: WireEventView
  readonly now: WireNowView
}

/** The body of the network seat's view of an entry, or null where it sees nothing of it. */
export function projectWireView(read: TimelineEntry): Omit<WireView, 'n'> | null {
  const event = eventView(read)
  const isVisible = Object.keys(event).length > 0 || read.moments.some(({ kind }) => kind === 'over')
  return isVisible ? { event, now: nowView(read.after) } : null
}

function eventView({ entry, moments }: TimelineEntry): WireEventView {
  const { actor, action, verdict } = entry
  const entered: SegmentView[] = []
  const delivered: SegmentView[] = []
  const lost: SegmentView[] = []
  const overheard: OverheardView[] = []
  let scene: number | null = null
  for (const { kind, effect, flight, after } of moments)
    switch (kind) {
      case 'left':
      case 'injected':
      case 'copied':
        entered.push(segmentView(after, flight, effect.at))
        break
      case 'arrived':
        delivered.push(segmentView(after, flight, effect.at))
        break
      case 'lost': {
        // What a listener has no room for has been brought over.
        const seen = effect.why === 'backlog' ? delivered : lost
        seen.push(segmentView(after, flight, effect.at))
        break
      }
      case 'scene':
        scene = effect.scene
        break
      case 'overheard':
        overheard.push(overheardView(effect))
        break
      default:
    }
  const { outcome, reason } = verdict
  return {
    ...(actor === 'network' && action.kind === 'wire'
      ? { act: { id: entry.actionId, action, outcome, ...(reason ? { reason } : {}) } }
      : {}),
    ...(entered.length > 0 ? { entered } : {}),
    ...(delivered.length > 0 ? { delivered } : {}),
    ...(lost.length > 0 ? { lost } : {}),
    ...(overheard.length > 0 ? { overheard } : {}),
    ...(action.kind === 'control' && isControlVisibleTo(action, 'network') ? { control: action.control } : {}),
    ...(scene === null ? {} : { scene }),
  }
}

function nowView(world: World): WireNowView {
  const { sceneIndex, clock, wire, wireStopped, paused, over } = world
  const { may = [], injections = [] } = networkPart(world) ?? {}
  return {
    scene: { number: sceneIndex, id: toOpaqueSceneId(sceneIndex) },
    clock,
    inFlight: wire.map((flight) => ({ ...segmentView(world, flight, clock), held: flight.due !== null })),
    stopped: wireStopped,
    permittedOperations: may,
    injections: injections.map(({ as, to, segment }) => ({
      as,
      to,
      segment: segmentView(world, { id: 0, from: peerOf(to), segment }, clock),
    })),
    paused,
    over,
  }
}
