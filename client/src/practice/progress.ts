/**
 * The exercises that a learner has finished in practice. The progress is stored in the browser and shown in the practice page's address, so
 * that a link transfers it to another device. `handshake:cs,data:c`: `handshake` is finished from both seats, `data` as the client.
 */
import { SEATS, type Seat } from '../../../protocol/seat.ts'
import { browserStorage, readStorage, writeStorage } from '../lib/storage.ts'

/** The seats from which each exercise was finished, by exercise id. */
export type Progress = { readonly [exercise: string]: readonly Seat[] }

const STORAGE_KEY = 'practice'

export const loadProgress = (): Progress => parseProgress(readStorage(browserStorage, STORAGE_KEY) ?? '')

export const isFinished = (progress: Progress, exercise: string, seat: Seat): boolean => progress[exercise]?.includes(seat) ?? false

/** Merges `more` into the stored progress, stores the result and returns it. */
export function addProgress(more: Progress): Progress {
  const progress = mergeProgress(loadProgress(), more)
  writeStorage(browserStorage, STORAGE_KEY, serializeProgress(progress))
  return progress
}

/** The progress in the notation above; empty if there is none. */
export const serializeProgress = (progress: Progress): string =>
  Object.entries(progress)
    .map(([exercise, seats]) => `${exercise}:${seats.map((seat) => seat[0]).join('')}`)
    .join(',')

/** Parses the notation above; malformed parts are ignored. */
export const parseProgress = (text: string): Progress =>
  text.split(',').reduce<Progress>((progress, part) => {
    const [, exercise, seats] = /^([a-z0-9-]{1,60}):([cs]{1,2})$/.exec(part) ?? []
    if (exercise === undefined || seats === undefined) return progress
    return mergeProgress(progress, { [exercise]: SEATS.filter((seat) => seats.includes(seat.charAt(0))) })
  }, {})

function mergeProgress(one: Progress, other: Progress): Progress {
  const ids = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries(
    [...ids].map((id) => [id, SEATS.filter((seat) => isFinished(one, id, seat) || isFinished(other, id, seat))]),
  )
}
