/** Plays a round in memory beforehand. The same acts must give the same result on a server, whatever happens to it meanwhile. */
import type { Seat } from '../../protocol/seat.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { loadExercises, findTexts } from '../../exercises/load.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { Round } from '../../protocol/round/round.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { toShownAction } from '../../protocol/round/view/opaque-ids.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'
import { mergeViews } from './views.ts'

const exercises = loadExercises('exercises')

/** An action of a seat of a planned round. */
export interface Step {
  readonly seat: Seat
  readonly id: string
  /** How many views the seat has received when it performs this step. */
  readonly seen: number
  /** As the seat sends it. */
  readonly action: SeatAction
}

/** The steps of a round, and what they must result in. */
export interface PlannedRound {
  readonly steps: readonly Step[]
  readonly entries: readonly Entry[]
  readonly views: { readonly [S in Seat]: readonly PlayerView[] }
}

/** Both seats perform the engine's actions in an order that `random` determines. Now and then a seat makes a mistake first. */
export function planRound(script: Script, random: () => number): PlannedRound {
  const round = new Round({ id: 'planned', tls: TLS_TOOLS, texts: () => findTexts(exercises.get(script.exercise)) })
  const at = new Date(0).toISOString()
  const steps: Step[] = []
  const perform = (seat: Seat, action: SeatAction) => {
    const step = {
      seat,
      id: `planned-${steps.length}`,
      seen: round.viewCountOf(seat),
      action: toShownAction(script, seat, action),
    }
    steps.push(step)
    round.enter({ actor: seat, actionId: step.id, action, seen: step.seen, at })
  }

  round.enter({ actor: 'system', actionId: 'start', action: { kind: 'control', control: 'start', script }, seen: null, at })
  for (let { world } = round; world && !world.over; world = round.world) {
    const seat = random() < 0.5 ? 'client' : 'server'
    const what = nextEngineAction(world, seat)
    if (what.kind === 'wait' && world.seats[seat].waitRequested) continue
    const action = toSeatAction(world, seat, what)
    if (action.kind === 'send' && random() < 0.25) perform(seat, { ...action, state: 'CLOSING' })
    perform(seat, action)
  }
  return {
    steps,
    entries: round.entries,
    views: { client: mergeViews(round.updatesAfter('client', 0)), server: mergeViews(round.updatesAfter('server', 0)) },
  }
}
