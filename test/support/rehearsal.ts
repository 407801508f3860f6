/** A round played beforehand, in memory: what the same acts must give on a server, whatever happens to it meanwhile. */
import type { Seat } from '../../protocol/seat.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { loadExercises, textsFor } from '../../exercises/load.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import { LiveRound } from '../../server/rounds/live-round.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'

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
  readonly views: { readonly [S in Seat]: readonly PlayerView[] }
}

/** Both seats do what the engine would do, in an order that `random` gives; now and then one errs first. */
export async function rehearse(script: Script, random: () => number): Promise<Rehearsal> {
  const room = new LiveRound('rehearsal', {
    log: createMemoryLog(),
    now: () => new Date(0),
    after: () => () => {},
    idleAfterMs: 0,
    texts: (script) => Promise.resolve(textsFor(exercises.get(script.exercise))),
    publish() {},
  })
  const views = (seat: Seat) => room.readViews(seat, 0, false)
  const steps: Step[] = []
  const perform = async (seat: Seat, action: SeatAction) => {
    const step = { seat, id: `rehearsed-${steps.length}`, seen: (await views(seat)).length, action }
    steps.push(step)
    await room.act(seat, step)
  }

  await room.start(script)
  for (let world = await room.readWorld(false); world && !world.over; world = await room.readWorld(false)) {
    const seat = random() < 0.5 ? 'client' : 'server'
    const what = nextEngineAction(world, seat)
    if (what.kind === 'wait' && world.seats[seat].waitRequested) continue
    const action = toSeatAction(world, seat, what)
    if (action.kind === 'send' && random() < 0.25) await perform(seat, { ...action, state: 'CLOSING' })
    await perform(seat, action)
  }
  return { steps, entries: await room.readEntries(false), views: { client: await views('client'), server: await views('server') } }
}
