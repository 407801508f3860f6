/** The participants of an activity in a rehearsal, whom a program plays. */
import { choosePhoneAct } from '../../protocol/class/play.ts'
import { newId } from '../base/ids.ts'
import type { After } from '../base/timer.ts'
import type { LiveActivity } from './live-activity.ts'

/** Real ms between two looks at one's phone, at the speed of a person: least and most. */
const LOOK_MS = [1_000, 5_000] as const

/** Plays these participants until `isOver`. */
export function playSimulatedPhones(
  live: LiveActivity,
  participants: readonly string[],
  { speed, random, after, isOver }: { speed: number; random: () => number; after: After; isOver: () => boolean },
): void {
  const [least, most] = LOOK_MS
  const look = (participant: string) => {
    after((least + (most - least) * random()) / speed, () => {
      if (isOver()) return
      playOnce(participant)
        .catch(() => {}) // at the next look it is tried again
        .finally(() => look(participant))
    })
  }
  const playOnce = async (participant: string) => {
    const view = await live.read((activity) => activity.viewFor(participant))
    const action = choosePhoneAct(view, random)
    if (action) await live.act({ actor: participant, id: newId(), action })
  }
  for (const participant of participants) look(participant)
}
