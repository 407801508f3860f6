/**
 * The timeline: a log as a sequence of moments. A moment is an effect with the world before and after it and, for effects about a segment,
 * that segment. Ladders, captures, texts and views are all made from moments, so that none of them needs its own reducer or table of segments.
 * The teacher's board shows only the last arrows of a log: `readLastArrows` reads those from the end, without folding. Pure.
 */
import type { Seat } from '../../seat.ts'
import type { Effect } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'
import type { InFlightSegment, World } from '../model/world.ts'
import { applyEntry, type FoldableEntry } from './reducer.ts'

/** Effects that are about a segment on the wire. */
type FlightEffect = Extract<Effect, { kind: 'left' | 'injected' | 'copied' | 'held' | 'arrived' | 'lost' }>

/** One effect of a log with its context. Distributes over the kinds of effects, so that `kind` narrows the type. */
export type Moment<E extends Effect = Effect> = E extends Effect
  ? {
      readonly kind: E['kind']
      readonly effect: E
      readonly before: E extends { kind: 'begun' } ? null : World
      readonly after: World
      /** The segment that the effect is about; null for effects that are not about a segment. */
      readonly flight: E extends FlightEffect ? InFlightSegment : null
    }
  : never

/** An entry with its moments. */
export interface TimelineEntry<E extends FoldableEntry = Entry> {
  readonly entry: E
  /** Null before the first entry. */
  readonly before: World | null
  readonly moments: readonly Moment[]
  /** The world after the entry, the same as `applyEntry` returns. */
  readonly after: World
}

/** A log from its first entry on. */
export type Timeline<E extends FoldableEntry = Entry> = readonly TimelineEntry<E>[]

/** Folds an entry into moments. Throws like `applyEntry`, and if an effect is about a segment that is not on the wire. */
export function readEntry<E extends FoldableEntry>(before: World | null, entry: E): TimelineEntry<E> {
  const moments: Moment[] = []
  const after = applyEntry(before, entry, (effect, was, is) => {
    moments.push(toMoment(effect, was, is))
  })
  return { entry, before, moments, after }
}

/** Makes a moment of an effect. The type assertion is needed because TypeScript cannot relate the effect's kind to `flight`. */
export const toMoment = (effect: Effect, before: World | null, after: World): Moment =>
  ({ kind: effect.kind, effect, before, after, flight: findFlight(effect, before, after) }) as Moment

/** Folds a log from its first entry on. `known`: an earlier timeline of the same log, whose entries are not folded again. */
export function readTimeline<E extends FoldableEntry>(entries: readonly E[], known: Timeline<E> = []): Timeline<E> {
  const differs = known.findIndex(({ entry }, index) => entry !== entries[index])
  const timeline = differs === -1 ? [...known] : known.slice(0, differs)
  for (const entry of entries.slice(timeline.length)) timeline.push(readEntry(timeline.at(-1)?.after ?? null, entry))
  return timeline
}

/** An arrow of a ladder diagram: a segment that a host sent, or one that was refused and so never left its host. */
export interface Arrow {
  readonly kind: 'sent' | 'refused'
  readonly from: Seat
}

/** The last arrows of a log, at most `max`, oldest first. */
export function readLastArrows(entries: readonly Entry[], max: number): readonly Arrow[] {
  const newestFirst: Arrow[] = []
  for (let i = entries.length - 1; i >= 0 && newestFirst.length < max; i--) newestFirst.push(...readArrows(entries[i]!).reverse())
  return newestFirst.slice(0, max).reverse()
}

/** The arrows of one entry, in order. A refused segment comes before what the invigilator sends in its place. */
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
