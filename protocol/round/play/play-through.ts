/** Two built-in partners play an exercise in memory. Used by `handshake play`, and to check that the goal can be reached. */
import { SEATS, type Seat } from '../../seat.ts'
import type { Action, Actor } from '../model/action.ts'
import type { Entry } from '../model/entry.ts'
import type { PartnerStyle } from '../model/partner-styles.ts'
import type { Script } from '../model/script.ts'
import type { World } from '../model/world.ts'
import { Round } from '../round.ts'
import type { TlsTools } from '../rules/tls-end.ts'
import { choosePartnerMove } from './partner.ts'

/** It stops after this many entries. */
const MAX_ENTRIES = 1_000

export interface PlayThrough {
  readonly entries: readonly Entry[]
  readonly world: World
}

/**
 * Plays until the round is over, neither partner has anything left to do, an action is not accepted, or `MAX_ENTRIES` is reached. The
 * partner with the shorter delay acts first. Entries are dated from 1970-01-01 on, advanced by the delays. `tls`: required for scenes with
 * TLS.
 */
export const playThrough = (script: Script, styles: SeatStyles, tls?: TlsTools): PlayThrough =>
  runToEnd(playThroughStepwise(script, styles, tls))

type SeatStyles = { readonly [S in Seat]: PartnerStyle }

/** Does the same as `playThrough`, but yields after each action, so that the caller can pause. */
export function* playThroughStepwise(script: Script, styles: SeatStyles, tls?: TlsTools): Generator<void, PlayThrough> {
  const round = new Round({ id: 'play-through', tls })
  let now = 0
  const enter = (actor: Actor, action: Action, seen: number | null) =>
    round.enter({ actor, actionId: `${round.entries.length}`, action, seen, at: new Date(now).toISOString() })

  enter('system', { kind: 'control', control: 'start', script }, null)
  for (;;) {
    const { world, entries } = round
    if (!world) throw new Error(`${script.exercise} does not begin`)
    const moves = SEATS.flatMap((seat) => {
      const move = choosePartnerMove(world, seat, { style: styles[seat], pace: 'human' })
      return move ? [{ seat, ...move }] : []
    })
    // Waits come last, since they are only for when neither partner can do anything else.
    const [first] = moves.sort(
      (a, b) => Number(a.action.kind === 'wait') - Number(b.action.kind === 'wait') || a.delayMs - b.delayMs,
    )
    const isStuck = entries.at(-1)?.verdict.outcome !== 'accepted'
    if (!first || isStuck || entries.length >= MAX_ENTRIES) return { entries, world }
    now += first.delayMs
    enter(first.seat, first.action, world.seats[first.seat].viewCount)
    yield
  }
}

/** Runs a generator to its end without pauses. */
export function runToEnd<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
