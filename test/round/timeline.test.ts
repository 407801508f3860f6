/** The timeline of a log contains the fate of each segment exactly once, the same for all its users. */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { exportCapture } from '../../protocol/round/export/capture-file.ts'
import { applyEntry } from '../../protocol/round/fold/reducer.ts'
import { readLastArrows, readTimeline, type Moment, type Timeline } from '../../protocol/round/fold/timeline.ts'
import type { InFlightSegment } from '../../protocol/round/model/world.ts'
import type { Effect } from '../../protocol/round/model/effect.ts'
import type { WireAction } from '../../protocol/round/model/action.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { segmentViewWithPayload } from '../../protocol/round/view/segment-view.ts'
import { CaptureReader } from '../../protocol/wire/capture-reader.ts'
import { arrowsOfLadder, drawArrows } from '../support/arrows.ts'
import { RoundFixture } from '../support/round-fixture.ts'
import { SEED } from '../support/volume.ts'

const exercises = loadExercises('exercises').published()

/** Both seats perform the engine's actions, while the teacher drops, duplicates and holds back segments. */
function playOnBadWire(exercise: (typeof exercises)[number]): RoundFixture {
  const fixture = new RoundFixture(exercise)
  const random = seededRandom(SEED)
  const oneOf = <T>(choice: readonly T[]): T | undefined => choice[Math.floor(random() * choice.length)]
  fixture.control({ kind: 'control', control: 'stop-wire' })
  for (let turn = 0; turn < 40 && !fixture.world.over; turn++) {
    const until = fixture.entries.length + 3
    fixture.play(() => fixture.entries.length >= until)
    const segment = oneOf(fixture.world.wire)?.id
    const wire = oneOf<Exclude<WireAction['wire'], 'inject'>>(['pass', 'pass', 'pass', 'duplicate', 'drop', 'hold'])
    if (segment !== undefined && wire) fixture.wire('teacher', { kind: 'wire', wire, segment })
  }
  if (!fixture.world.over) fixture.control({ kind: 'control', control: 'free-wire' })
  return fixture.play()
}

const momentsOf = (timeline: Timeline): Moment[] => timeline.flatMap(({ moments }) => moments)

const DEPARTURES: readonly Moment['kind'][] = ['left', 'injected', 'copied']
const FATES: readonly Moment['kind'][] = ['arrived', 'lost']

/** The segments that are still on the wire at the end of each scene and at the end of the log. */
const underwayIn = (timeline: Timeline): InFlightSegment[] => [
  ...momentsOf(timeline).flatMap(({ kind, before }) => (kind === 'scene' ? before.wire : [])),
  ...(timeline.at(-1)?.after.wire ?? []),
]

function countPackets(file: Uint8Array): number {
  let packets = 0
  const reader = new CaptureReader({ packet: () => packets++ })
  reader.feed(file)
  reader.end()
  return packets
}

describe.each(
  exercises.flatMap((exercise) => [
    { id: exercise.id, entries: () => new RoundFixture(exercise).play().entries },
    { id: `${exercise.id} on a bad wire`, entries: () => playOnBadWire(exercise).entries },
  ]),
)('the timeline of $id', ({ entries: play }) => {
  const entries = play()
  const timeline = readTimeline(entries)
  const moments = momentsOf(timeline)
  const flightsAt = (kinds: readonly Moment['kind'][]) =>
    moments.flatMap(({ kind, flight }) => (flight && kinds.includes(kind) ? [flight] : []))

  test('has each effect once, in the world that the reducer gives', () => {
    expect(moments.map(({ effect }) => effect)).toEqual(entries.flatMap(({ effects }) => effects))
    for (const { entry, before, after } of timeline) expect(after).toEqual(applyEntry(before, entry))
    for (const [i, { before }] of moments.entries()) if (i > 0) expect(before?.hosts).toBe(moments[i - 1]!.after.hosts)
  })

  test('gives each segment one departure, and one fate or a place on the wire', () => {
    const departed = flightsAt(DEPARTURES).map(({ id }) => id)
    const ended = [...flightsAt(FATES), ...underwayIn(timeline)].map(({ id }) => id)
    expect(departed).toEqual(departed.map((_, i) => i + 1))
    expect(ended.toSorted((a, b) => a - b)).toEqual(departed)
  })

  test('has of each segment the same numbers, time and payload when it leaves and when it is gone', () => {
    const written = (moment: Moment) =>
      moment.flight && {
        ...segmentViewWithPayload(moment.after, moment.flight, moment.flight.departedAt),
        as: moment.flight.as,
        copyOf: moment.flight.copyOf,
      }
    const left = new Map(moments.filter(({ kind }) => DEPARTURES.includes(kind)).map((m) => [m.flight?.id, written(m)]))
    const gone = moments.filter(({ kind }) => FATES.includes(kind))
    expect(gone.map(written)).toEqual(gone.map(({ flight }) => left.get(flight?.id)))
  })

  test('ends with the arrows that the board draws, wherever the log ends', () => {
    for (const length of entries.keys())
      expect(drawArrows(readLastArrows(entries.slice(0, length), 12))).toBe(arrowsOfLadder(timeline.slice(0, length)).slice(-12))
  })

  test('counts as many segments as the capture has packets', () => {
    const arrivals = flightsAt(['arrived']).map(({ id }) => id)
    const sent = flightsAt(['left']).map(({ id }) => id)
    expect(countPackets(exportCapture(entries))).toBe(new Set([...sent, ...arrivals]).size)
  })
})

describe('the timeline of a log that goes on', () => {
  const { entries } = playOnBadWire(exercises[0]!)

  test('keeps what has been read', () => {
    const known = readTimeline(entries.slice(0, 5))
    const all = readTimeline(entries, known)
    expect(all).toEqual(readTimeline(entries))
    expect(known.every((read, i) => all[i] === read)).toBe(true)
  })

  test('keeps nothing of another log', () => {
    const other = new RoundFixture(exercises[1]!).play().entries
    expect(readTimeline(other, readTimeline(entries))).toEqual(readTimeline(other))
    expect(readTimeline([], readTimeline(entries))).toEqual([])
  })

  test('does not go on where a segment is gone that is not there, or an entry is missing', () => {
    const [first, , third] = entries
    const arrives: Effect = { kind: 'arrived', to: 'client', id: 99, at: 0 }
    expect(() => readTimeline([{ ...first!, effects: [...first!.effects, arrives] }])).toThrow('segment 99 is not on the wire')
    expect(() => readTimeline([first!, third!])).toThrow('entry 2 does not follow 0')
  })
})
