/**
 * The views of the network seat: the segments on the wire and what happens to them, but nothing about the hosts. Like the views of the other
 * seats, they are made on the server and numbered without gaps.
 */
import { peerOf, type Seat } from '../../seat.ts'
import type { ControlAction, WireAction } from '../model/action.ts'
import type { Effect } from '../model/effect.ts'
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
  /** It has a scheduled time of arrival, so that it stays on the wire for a while. Otherwise it waits until somebody lets it pass. */
  readonly held: boolean
}

/** What happened on the wire in one entry. */
export interface WireEventView {
  /** The network seat's own act. */
  readonly act?: { readonly id: string; readonly action: WireAction; readonly outcome: Outcome; readonly reason?: Reason }
  /** Segments that have been put on the wire. */
  readonly entered?: readonly SegmentView[]
  /** Segments that have been delivered to the host at the other end. */
  readonly delivered?: readonly SegmentView[]
  /** Segments that were lost on the wire. */
  readonly lost?: readonly SegmentView[]
  readonly control?: ControlAction['control']
  /** What the scene's interceptor, which is the network seat's own box, has read and sent on. */
  readonly relayed?: readonly Pick<Extract<Effect, { kind: 'relayed' }>, 'from' | 'read' | 'data'>[]
  /** What the scene's eavesdropper has computed. */
  readonly overheard?: readonly OverheardView[]
  /** The index of the next scene, if it has opened. */
  readonly scene?: number
}

/** The state of the wire after the view's entry. */
export interface WireNowView {
  readonly scene: { readonly number: number; readonly id: string }
  /** World ms. */
  readonly clock: number
  /** The segments in flight, oldest first. */
  readonly inFlight: readonly InFlightSegmentView[]
  /** Segments stop on the wire until somebody lets them pass. */
  readonly stopped: boolean
  /** What the network seat may do in this scene, in addition to letting segments pass. */
  readonly permittedOperations: readonly WireOperation[]
  /** The segments that the network seat may inject. */
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

/** The network seat's view of an entry, without its number; null if it sees nothing of the entry. */
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
  const relayed: NonNullable<WireEventView['relayed']>[number][] = []
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
        // A segment dropped because of a full backlog did reach the host, so that the wire has delivered it.
        const seen = effect.why === 'backlog' ? delivered : lost
        seen.push(segmentView(after, flight, effect.at))
        break
      }
      case 'scene':
        scene = effect.scene
        break
      case 'relayed':
        if (effect.facing) relayed.push({ from: effect.from, read: effect.read, ...(effect.data ? { data: effect.data } : {}) })
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
    ...(relayed.length > 0 ? { relayed } : {}),
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
