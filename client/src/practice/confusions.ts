/**
 * What the learner has confused in practice rounds, with the exercise and the seat that bring it up again. Kept in the browser, newest first:
 * `syn-consumes-one@handshake:client isn-reset@data:server`.
 */
import { MISCONCEPTIONS, type Misconception } from '../../../protocol/findings.ts'
import { SEATS, type Seat } from '../../../protocol/seat.ts'
import type { PlayerView } from '../../../protocol/round/view/seat-view.ts'
import { browserStorage, readStorage, writeStorage } from '../lib/storage.ts'

export interface Confusion {
  readonly misconception: Misconception
  readonly exercise: string
  readonly seat: Seat
}

const STORAGE_KEY = 'practice-confused'
/** More than these would not be read. */
const MAX_KEPT = 5

/** The misconceptions behind what was refused in a round, each once, the last one first. */
export function listMisconceptions(views: readonly PlayerView[]): readonly Misconception[] {
  const refused = views.flatMap(({ event: { act } }) => (act?.outcome === 'refused' ? act.findings : []))
  return [...new Set(refused.flatMap(({ misconception }) => misconception ?? []).reverse())]
}

/** After a round of an exercise: what was confused in it comes first, and what was confused in an earlier round of it is forgotten. */
export function updateConfusions(
  kept: readonly Confusion[],
  { exercise, seat }: Omit<Confusion, 'misconception'>,
  confused: readonly Misconception[],
): readonly Confusion[] {
  const others = kept.filter(
    (each) => !(each.exercise === exercise && each.seat === seat) && !confused.includes(each.misconception),
  )
  return [...confused.map((misconception) => ({ misconception, exercise, seat })), ...others].slice(0, MAX_KEPT)
}

export const serializeConfusions = (confusions: readonly Confusion[]): string =>
  confusions.map(({ misconception, exercise, seat }) => `${misconception}@${exercise}:${seat}`).join(' ')

/** Parses the notation above; what is malformed, or no misconception of this version, is left out. */
export const parseConfusions = (text: string): readonly Confusion[] =>
  text.split(' ').flatMap((part) => {
    const [, name, exercise = '', of] = /^([a-z0-9-]+)@([a-z0-9-]{1,60}):(\w+)$/.exec(part) ?? []
    const misconception = MISCONCEPTIONS.find((each) => each === name)
    const seat = SEATS.find((each) => each === of)
    return misconception && seat ? [{ misconception, exercise, seat }] : []
  })

export const loadConfusions = (): readonly Confusion[] => parseConfusions(readStorage(browserStorage, STORAGE_KEY) ?? '')

/** Keeps what was confused in a round that is over. */
export const keepConfusions = (round: Omit<Confusion, 'misconception'>, views: readonly PlayerView[]): void =>
  writeStorage(
    browserStorage,
    STORAGE_KEY,
    serializeConfusions(updateConfusions(loadConfusions(), round, listMisconceptions(views))) || null,
  )
