/** What the participants and the projector are shown of the recordings: numbers, octets and what a key has opened; never whose they are. */
import type { LeakWorld, Recording } from './leak-world.ts'

/** A recording as it may be shown. */
export interface RecordingView {
  /** Counts the recordings from 1. */
  readonly number: number
  readonly exchange: Recording['exchange']
  /** The record with the request, in hexadecimal. */
  readonly sealed: string
  /** The request; null if the leaked key has not opened it, undefined while no key has leaked. */
  readonly text?: string | null
}

/** What a participant sees: recordings of another pair, at most one of each exchange. */
export interface LeakPhoneView {
  readonly leaked: boolean
  readonly others: readonly RecordingView[]
}

export interface LeakScreenView {
  readonly leaked: boolean
  readonly counts: { readonly [E in Recording['exchange']]: { readonly recorded: number; readonly opened: number } }
  /** The latest ones of each exchange, at most `MAX_SHOWN` of each, oldest first. */
  readonly shown: { readonly [E in Recording['exchange']]: readonly RecordingView[] }
}

/** As many as a projector shows in letters that can be read from afar. */
const MAX_SHOWN = 5

export function viewLeakFor(world: LeakWorld, participant: string): LeakPhoneView {
  const { leaked } = world
  const all = toViews(world)
  // One begins after one's own, so that each recording is somebody's, and different pairs look at different ones.
  const own = world.recordings.findLastIndex(({ members }) => members.includes(participant))
  const after = [...all.slice(own + 1), ...all.slice(0, own + 1)]
  const others = after.filter(({ number }) => !world.recordings[number - 1]?.members.includes(participant))
  const one = (exchange: Recording['exchange']) => others.filter((each) => each.exchange === exchange).slice(0, 1)
  return { leaked, others: [...one('RSA'), ...one('ECDHE')] }
}

export function viewLeakForScreen(world: LeakWorld): LeakScreenView {
  const all = toViews(world)
  const of = (exchange: Recording['exchange']) => all.filter((each) => each.exchange === exchange)
  const count = (views: readonly RecordingView[]) => {
    return { recorded: views.length, opened: views.filter(({ text }) => typeof text === 'string').length }
  }
  return {
    leaked: world.leaked,
    counts: { RSA: count(of('RSA')), ECDHE: count(of('ECDHE')) },
    shown: { RSA: of('RSA').slice(-MAX_SHOWN), ECDHE: of('ECDHE').slice(-MAX_SHOWN) },
  }
}

const toViews = ({ recordings }: LeakWorld): readonly RecordingView[] =>
  recordings.map(({ exchange, sealed, text }, i) => ({ number: i + 1, exchange, sealed, ...(text === undefined ? {} : { text }) }))
