/**
 * A log as a sequence of moments: each effect with the world just before and after it and, where it is about a segment, that segment. Ladders,
 * captures, texts and views are all made from these, so that none of them keeps a table of segments or a reducer of its own. The board shows only
 * the last arrows of a log: `readLastArrows` reads them from its end, and folds nothing. Pure.
 */
import type { Seat } from '../../seat.ts'
import type { Effect } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'
import type { InFlightSegment, World } from '../model/world.ts'
import { applyEntry, type FoldableEntry } from './reducer.ts'

/** What happens to a segment on the wire. */
type FlightEffect = Extract<Effect, { kind: 'left' | 'injected' | 'copied' | 'held' | 'arrived' | 'lost' }>

/** One effect of a log. A union over the effects' kinds. */
export type Moment<E extends Effect = Effect> = E extends Effect
  ? {
      readonly kind: E['kind']
      readonly effect: E
      readonly before: E extends { kind: 'begun' } ? null : World
      readonly after: World
      /** The segment that the effect is about: whose it is, when it left, whether the wire has brought it forth. */
      readonly flight: E extends FlightEffect ? InFlightSegment : null
    }
  : never

/** An entry with its moments. */
export interface TimelineEntry<E extends FoldableEntry = Entry> {
  readonly entry: E
  /** Null before the first entry. */
  readonly before: World | null
  readonly moments: readonly Moment[]
  /** As `applyEntry` gives it. */
  readonly after: World
}

/** A log from its first entry on. */
export type Timeline<E extends FoldableEntry = Entry> = readonly TimelineEntry<E>[]

/** Folds an entry, moment by moment. Throws, as `applyEntry` does, and on a segment that is not on the wire. */
export function readEntry<E extends FoldableEntry>(before: World | null, entry: E): TimelineEntry<E> {
  const moments: Moment[] = []
  const after = applyEntry(before, entry, (effect, was, is) => {
    moments.push(toMoment(effect, was, is))
  })
  return { entry, before, moments, after }
}

/** The one place that ties an effect to its worlds and its segment: the type cannot follow. */
export const toMoment = (effect: Effect, before: World | null, after: World): Moment =>
  ({ kind: effect.kind, effect, before, after, flight: findFlight(effect, before, after) }) as Moment

/** Folds a log from its first entry on. `known`: what has been read of the same log already, which is not folded again. */
export function readTimeline<E extends FoldableEntry>(entries: readonly E[], known: Timeline<E> = []): Timeline<E> {
  const differs = known.findIndex(({ entry }, index) => entry !== entries[index])
  const timeline = differs === -1 ? [...known] : known.slice(0, differs)
  for (const entry of entries.slice(timeline.length)) timeline.push(readEntry(timeline.at(-1)?.after ?? null, entry))
  return timeline
}

/** What a ladder draws between the lanes: a segment that a host sent, or one that was refused and never left. */
export interface Arrow {
  readonly kind: 'sent' | 'refused'
  readonly from: Seat
}

/** The last arrows of a log, at most `max`, oldest first, as `readTimeline` has them from its first entry on. */
export function readLastArrows(entries: readonly Entry[], max: number): readonly Arrow[] {
  const newestFirst: Arrow[] = []
  for (let i = entries.length - 1; i >= 0 && newestFirst.length < max; i--) newestFirst.push(...readArrows(entries[i]!).reverse())
  return newestFirst.slice(0, max).reverse()
}

/** Of one entry, in the order in which they stand in its moments: a refused one comes before what the invigilator sends in its place. */
function readArrows({ actor, action, verdict, effects }: Entry): Arrow[] {
  const isRefused = action.kind === 'send' && verdict.outcome === 'refused' && (actor === 'client' || actor === 'server')
  const sent = effects.flatMap((effect): Arrow[] => (effect.kind === 'left' ? [{ kind: 'sent', from: effect.from }] : []))
  return isRefused ? [{ kind: 'refused', from: actor }, ...sent] : sent
}

function findFlight(effect: Effect, before: World | null, after: World): InFlightSegment | null {
  switch (effect.kind) {
    case 'left':
    case 'injected':
    case 'copied':
    case 'held':
      return flightOf(after, effect.id)
    case 'arrived':
    case 'lost':
      return flightOf(before, effect.id)
    default:
      return null
  }
}

function flightOf(world: World | null, id: number): InFlightSegment {
  const flight = world?.wire.find((each) => each.id === id)
  if (!flight) throw new Error(`segment ${id} is not on the wire`)
  return flight
}
