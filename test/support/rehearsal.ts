/** A round played beforehand, in memory: what the same acts must give on a server, whatever happens to it meanwhile. */
import type { Entry, SeatAction } from '../../protocol/world/action.ts'
import { loadExercises, textsOf } from '../../exercises/load.ts'
import { answer } from '../../protocol/world/answer.ts'
import type { Seat } from '../../protocol/world/exercise.ts'
import type { Script } from '../../protocol/world/script.ts'
import type { View } from '../../protocol/world/view.ts'
import { createMemoryLog } from '../../server/log-memory.ts'
import { Room } from '../../server/room.ts'
import { written } from '../../protocol/world/partner.ts'

const exercises = loadExercises('exercises')

export interface Step {
  readonly seat: Seat
  readonly id: string
  /** How many views the seat holds when it does this. */
  readonly seen: number
  readonly action: SeatAction
}

export interface Rehearsal {
  readonly steps: readonly Step[]
  readonly entries: readonly Entry[]
  readonly views: { readonly [S in Seat]: readonly View[] }
}

/** Both seats do what the engine would do, in an order that `random` gives; now and then one errs first. */
export async function rehearse(script: Script, random: () => number): Promise<Rehearsal> {
  const room = new Room('rehearsal', {
    log: createMemoryLog(),
    now: () => new Date(0),
    after: () => () => {},
    idleAfter: 0,
    texts: (script) => Promise.resolve(textsOf(exercises.get(script.exercise))),
    publish() {},
  })
  const views = (seat: Seat) => room.views(seat, 0, false)
  const steps: Step[] = []
  const perform = async (seat: Seat, action: SeatAction) => {
    const step = { seat, id: `rehearsed-${steps.length}`, seen: (await views(seat)).length, action }
    steps.push(step)
    await room.act(seat, step)
  }

  await room.start(script)
  for (let world = await room.world(false); world && !world.over; world = await room.world(false)) {
    const seat = random() < 0.5 ? 'client' : 'server'
    const what = answer(world, seat)
    if (what.act === 'wait' && world.seats[seat].lodged) continue
    const action = written(world, seat, what)
    if (action.type === 'send' && random() < 0.25) await perform(seat, { ...action, state: 'CLOSING' })
    await perform(seat, action)
  }
  return { steps, entries: await room.entries(false), views: { client: await views('client'), server: await views('server') } }
}
