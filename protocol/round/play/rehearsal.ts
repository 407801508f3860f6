/** An exercise played by two built-in partners, in memory: for `handshake play`, and as the proof that its goal can be reached. */
import { SEATS, type Seat } from '../../seat.ts'
import { ENGINE_VERSION } from '../../version.ts'
import type { Action, Actor } from '../model/action.ts'
import type { Entry } from '../model/entry.ts'
import { applyEntry } from '../fold/reducer.ts'
import { judgeAction } from '../rules/judge.ts'
import { choosePartnerMove } from './partner.ts'
import type { Script } from '../model/script.ts'
import type { PartnerStyle } from '../model/partner-styles.ts'
import type { TlsTools } from '../rules/tls-end.ts'
import type { World } from '../model/world.ts'

/** Entries of the longest round that is played. */
const MAX_ENTRIES = 1_000

export interface RehearsalResult {
  readonly entries: readonly Entry[]
  readonly world: World
}

/**
 * Plays until the round is over, or neither partner has anything left to do. Whoever would take less time acts first. Entries are dated from
 * the epoch on, by the time that people would take. `tls`: for scenes with TLS.
 */
export const rehearse = (script: Script, styles: SeatStyles, tls?: TlsTools): RehearsalResult =>
  runToEnd(rehearseStepwise(script, styles, tls))

type SeatStyles = { readonly [S in Seat]: PartnerStyle }

/** The same, an act at a time. */
export function* rehearseStepwise(script: Script, styles: SeatStyles, tls?: TlsTools): Generator<void, RehearsalResult> {
  const entries: Entry[] = []
  let now = 0
  const enter = (world: World | null, actor: Actor, action: Action): World => {
    const seen = actor === 'client' || actor === 'server' ? (world?.seats[actor].viewCount ?? 0) : null
    const { verdict, effects } = judgeAction(
      world,
      { actor, action, seen },
      { worldAsSeen: () => applyEntry(world, entries.at(-1)!), ...(tls ? { tls } : {}) },
    )
    const entry: Entry = {
      roundId: 'rehearsal',
      index: entries.length,
      actionId: `${entries.length}`,
      actor,
      action,
      seen,
      verdict,
      effects,
      engine: ENGINE_VERSION,
      exercise: `${script.exercise}@${script.version}`,
      at: new Date(now).toISOString(),
    }
    entries.push(entry)
    return applyEntry(world, entry)
  }

  let world = enter(null, 'system', { kind: 'control', control: 'start', script })
  while (!world.over && entries.length < MAX_ENTRIES) {
    const current = world
    const moves = SEATS.flatMap((seat) => {
      const move = choosePartnerMove(current, seat, { style: styles[seat], pace: 'human' })
      return move ? [{ seat, ...move }] : []
    })
    // A wait is what one does when there is nothing else to do.
    const [first] = moves.sort(
      (a, b) => Number(a.action.kind === 'wait') - Number(b.action.kind === 'wait') || a.delayMs - b.delayMs,
    )
    if (!first) break
    now += first.delayMs
    world = enter(world, first.seat, first.action)
    const { outcome } = entries.at(-1)!.verdict
    if (outcome !== 'accepted') break
    yield
  }
  return { entries, world }
}

/** What a generator comes to when nothing is done in between. */
export function runToEnd<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
