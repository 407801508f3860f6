/**
 * What a learner has finished alone: kept on the device, and written into the practice page's address, so that a link takes it to another
 * device. `handshake:cs,data:c` says that `handshake` was finished from both seats and `data` as the client.
 */
import { SEATS, type Seat } from '../../../protocol/world/exercise.ts'
import { recall, remember } from './storage.ts'

export type Progress = { readonly [exercise: string]: readonly Seat[] }

const KEY = 'practice'

export const readProgress = (): Progress => parse(recall(localStorage, KEY) ?? '')

export const finished = (progress: Progress, exercise: string, seat: Seat): boolean => progress[exercise]?.includes(seat) ?? false

/** Adds what is finished here, and keeps it. */
export function keep(more: Progress): Progress {
  const progress = merge(readProgress(), more)
  remember(localStorage, KEY, written(progress))
  return progress
}

export const written = (progress: Progress): string =>
  Object.entries(progress)
    .map(([exercise, seats]) => `${exercise}:${seats.map((seat) => seat[0]).join('')}`)
    .join(',')

/** What cannot be read counts for nothing. */
export const parse = (text: string): Progress =>
  text.split(',').reduce<Progress>((progress, part) => {
    const [, exercise, seats] = /^([a-z0-9-]{1,60}):([cs]{1,2})$/.exec(part) ?? []
    if (exercise === undefined || seats === undefined) return progress
    return merge(progress, { [exercise]: SEATS.filter((seat) => seats.includes(seat.charAt(0))) })
  }, {})

function merge(one: Progress, other: Progress): Progress {
  const ids = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries(
    [...ids].map((id) => [id, SEATS.filter((seat) => finished(one, id, seat) || finished(other, id, seat))]),
  )
}
