/** An exercise played by two built-in partners, in memory: for `handshake play`, and as the proof that its goal can be reached. */
import { ENGINE } from '../version.ts'
import type { Action, Actor, Entry } from './action.ts'
import { apply } from './apply.ts'
import { SEATS, type Seat } from './exercise.ts'
import { judge } from './judge.ts'
import { partnerMove } from './partner.ts'
import type { Script } from './script.ts'
import type { Style } from './styles.ts'
import type { TlsTools } from './tls.ts'
import type { World } from './world.ts'

/** Entries of the longest round that is played. */
const MOST = 1_000

export interface Rehearsed {
  readonly entries: readonly Entry[]
  readonly world: World
}

/**
 * Plays until the round is over, or neither partner has anything left to do. Whoever would take less time acts first. Entries are dated from
 * the epoch on, by the time that people would take. `tls`: for scenes with TLS.
 */
export const rehearse = (script: Script, styles: Styles, tls?: TlsTools): Rehearsed => toEnd(rehearsal(script, styles, tls))

type Styles = { readonly [S in Seat]: Style }

/** The same, an act at a time. */
export function* rehearsal(script: Script, styles: Styles, tls?: TlsTools): Generator<void, Rehearsed> {
  const entries: Entry[] = []
  let now = 0
  const enter = (world: World | null, actor: Actor, action: Action): World => {
    const seen = actor === 'client' || actor === 'server' ? (world?.seats[actor].views ?? 0) : null
    const { verdict, effects } = judge(
      world,
      { actor, action, seen },
      { seen: () => apply(world, entries.at(-1)!), ...(tls ? { tls } : {}) },
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
      engine: ENGINE,
      exercise: `${script.exercise}@${script.version}`,
      at: new Date(now).toISOString(),
    }
    entries.push(entry)
    return apply(world, entry)
  }

  let world = enter(null, 'system', { type: 'control', control: 'start', script })
  while (!world.over && entries.length < MOST) {
    const current = world
    const moves = SEATS.flatMap((seat) => {
      const move = partnerMove(current, seat, { style: styles[seat], pace: 'human' })
      return move ? [{ seat, ...move }] : []
    })
    // A wait is what one does when there is nothing else to do.
    const [first] = moves.sort((a, b) => Number(a.action.type === 'wait') - Number(b.action.type === 'wait') || a.after - b.after)
    if (!first) break
    now += first.after
    world = enter(world, first.seat, first.action)
    const { outcome } = entries.at(-1)!.verdict
    if (outcome !== 'accepted') break
    yield
  }
  return { entries, world }
}

/** What a generator comes to when nothing is done in between. */
export function toEnd<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
