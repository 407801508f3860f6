/** A round played in memory. Each entry is folded as it would be read from the log. For tests of the world. */
import { expect } from 'vitest'
import type { RandomSource } from '../../protocol/round/setup/random.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import type { Action, Actor, SeatAction, WireAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { instantiateExercise, type InstantiateOptions } from '../../protocol/round/setup/instantiate.ts'
import { type Exercise, type Level } from '../../protocol/round/model/exercise.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { findTexts } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { Round } from '../../protocol/round/round.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { readEntry } from '../../protocol/round/fold/timeline.ts'
import { type HintTexts, projectSeatView } from '../../protocol/round/view/project-seat-view.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { projectWireView, type WireView } from '../../protocol/round/view/wire-view.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { takeUpdates } from './views.ts'
import { ACK, FIN, PSH, RST, SYN } from '../../protocol/segment.ts'
import type { State } from '../../protocol/tcp/tcb.ts'

/** A random source that returns these 32-bit numbers first, then zeros. */
function ofNumbers(...numbers: number[]): RandomSource {
  return () => (numbers.shift() ?? 0) / 2 ** 32
}

const BIT = { S: SYN, A: ACK, F: FIN, R: RST, P: PSH } as const

/** A round in memory with its entries, worlds and views. Every entry also checks that folding agrees with judging. */
export class RoundFixture {
  readonly #round: Round
  readonly #texts: HintTexts
  /** The world after each entry. */
  readonly worlds: World[] = []
  readonly entries: readonly Entry[]
  readonly views: { readonly [S in Seat]: PlayerView[] } = { client: [], server: [] }
  readonly wireViews: WireView[] = []

  /**
   * `draw`: either the initial sequence numbers of the first scene, with the smallest value for everything else, or a random
   * source.
   */
  constructor(
    exercise: Exercise,
    level: Level = 'guided',
    draw: { [S in Seat]: number } | RandomSource = { client: 1000, server: 5000 },
    wishes: InstantiateOptions = {},
  ) {
    const texts = (this.#texts = findTexts(exercise))
    this.#round = new Round({ id: 'fixture', tls: TLS_TOOLS, texts: () => texts })
    this.entries = this.#round.entries
    const random = typeof draw === 'function' ? draw : ofNumbers(draw.client, draw.server)
    const script: Script = instantiateExercise(exercise, level, random, wishes)
    this.#enter('system', { kind: 'control', control: 'start', script }, null)
  }

  get world(): World {
    return this.#round.world as World
  }

  /** Performs a seat's action, composed on its newest view or on view `seen`. */
  act(seat: Seat, action: SeatAction, seen = this.views[seat].length): Entry {
    return this.#enter(seat, action, seen)
  }

  /** Both seats do what the built-in partner would do, the server first, until the round is over or `until` returns true. */
  play(until: (world: World) => boolean = () => false): this {
    for (let turn = 0; turn < 400 && this.world.over === null && !until(this.world); turn++) {
      const seat = turn % 2 === 0 ? 'server' : 'client'
      const move = choosePartnerMove(this.world, seat, { style: 'exact', pace: 'at-once' })
      if (move) this.act(seat, move.action)
    }
    return this
  }

  control(action: Extract<Action, { kind: 'control' }>): Entry {
    return this.#enter('teacher', action, null)
  }

  /** Performs an action on the wire. */
  wire(actor: Actor, action: WireAction): Entry {
    return this.#enter(actor, action, actor === 'network' ? this.wireViews.length : null)
  }

  /** Sends a segment: `send('client', 'SA', 'x', 'y+1', 'ESTABLISHED', 20)`. */
  send(seat: Seat, bits: string, seq: string, ack: string, state: State, length = 0, seen?: number): Entry {
    const mask = [...bits].reduce((sum, b) => sum | BIT[b as keyof typeof BIT], 0)
    return this.act(seat, { kind: 'send', segment: { bits: mask, seq, ack, length }, state }, seen)
  }

  call(seat: Seat, call: Extract<SeatAction, { kind: 'call' }>['call']): Entry {
    return this.act(seat, { kind: 'call', call })
  }

  /** Makes a claim about the newest event that is still open. */
  claim(seat: Seat, state: State): Entry {
    return this.act(seat, { kind: 'claim', event: this.views[seat].at(-1)?.now.events.at(-1) ?? 0, state })
  }

  #enter(actor: Actor, action: Action, seen: number | null): Entry {
    const actionId = `a${this.entries.length}`
    const proposal = this.#round.propose({ actor, actionId, action, seen, at: '2026-01-01T00:00:00.000Z' })
    if (!proposal) throw new Error('the round has not begun')
    // Through JSON, as if it were read from the log.
    const read = readEntry(this.#round.world, JSON.parse(JSON.stringify(proposal.entry)) as Entry)
    const updates = this.#round.accept(read)
    expect(this.world, 'the world that judging gave, folded').toEqual(proposal.after)
    for (const seat of SEATS) {
      if (updates[seat]) takeUpdates(this.views[seat], [updates[seat]])
      const whole = projectSeatView(read, seat, this.#texts)
      if (whole) expect(this.views[seat].at(-1), 'the view that its updates give').toEqual(whole)
    }
    if (updates.network) {
      takeUpdates(this.wireViews, [updates.network])
      expect(this.wireViews.at(-1), 'the view that its updates give').toEqual({
        n: this.wireViews.length,
        ...projectWireView(read),
      })
    }
    this.worlds.push(this.world)
    return proposal.entry
  }
}
