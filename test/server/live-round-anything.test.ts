/** Any sequence of acts on either node, with a log that may fail: there is still only one round. */
import { SEATS, type Seat } from '../../protocol/seat.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { UpdateOf } from '../../protocol/round/round.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundEvent } from '../../server/rounds/live-round.ts'
import { ACKNOWLEDGES, ANSWERS, ANSWERS_WRONG, handshakeScript, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { ROUND, gated, liveRoundFixture } from '../support/live-round.ts'
import { runs } from '../support/volume.ts'

const at = liveRoundFixture()
const { open } = at

describe('whatever happens', () => {
  const ACTIONS: readonly SeatAction[] = [
    LISTENS,
    OPENS,
    SENDS_SYN,
    ANSWERS,
    ANSWERS_WRONG,
    ACKNOWLEDGES,
    { kind: 'wait' },
    { kind: 'hint' },
  ]
  const step = fc.record({
    node: fc.nat(1),
    seat: fc.constantFrom(...SEATS),
    action: fc.constantFrom(...ACTIONS),
    seen: fc.nat(3),
    /** Whether it is sent to both nodes, as by a client that reconnects. */
    twice: fc.boolean(),
    fails: fc.constantFrom(null, null, null, 'before' as const, 'after' as const),
    /** Whether the other node then receives the entries that have been written. */
    heard: fc.boolean(),
    /** Whether the next step starts without waiting for this one. */
    overlaps: fc.boolean(),
  })

  it('no answered action is lost or doubled, its answer stays the same, and all nodes hold the same round', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const inner = createMemoryLog()
        const heard: Entry[][] = [[], []]
        const nodes = [0, 1].map((i) => {
          const gate = gated(inner)
          const publish = ({ entry, source }: RoundEvent) => source === 'local' && heard[1 - i]?.push(entry)
          return { gate, live: open({ log: gate.log, publish }) }
        })
        await nodes[0]!.live.start(handshakeScript())

        const answers = new Map<string, UpdateOf<Seat>[]>()
        const underway: Promise<unknown>[] = []
        for (const [i, { node, seat, action, seen, twice, fails, heard: hears, overlaps }] of steps.entries()) {
          const id = `step-${i}`
          if (fails) nodes[node]!.gate.failNext(fails)
          for (const { live } of twice ? nodes : [nodes[node]!]) {
            const answer = live.act(seat, { id, seen: Math.min(seen, 1), action }).then(
              (views) =>
                answers.set(id, [...(answers.get(id) ?? []), ...views.filter(({ event: { act } }) => act && act.id === undefined)]),
              () => {},
            )
            underway.push(answer)
          }
          if (!overlaps) await Promise.all(underway)
          if (hears)
            for (const [n, { live }] of nodes.entries())
              for (const entry of heard[n]!.splice(0)) await live.receiveRemoteEntry(entry)
        }
        await Promise.all(underway)

        const entries = await inner.read(ROUND)
        expect(entries.map(({ index }) => index)).toEqual(entries.map((_, index) => index))
        const ids = entries.map(({ actor, actionId }) => `${actor} ${actionId}`)
        expect(new Set(ids).size).toBe(ids.length)
        for (const [id, views] of answers) {
          expect(entries.filter(({ actionId }) => actionId === id)).toHaveLength(1)
          for (const view of views) expect(view).toEqual(views[0])
        }
        const fresh = open({ log: inner })
        for (const { live } of nodes) {
          await live.catchUp()
          expect(await live.readWorld()).toEqual(await fresh.readWorld())
          for (const seat of SEATS) expect(await live.readViews(seat, 0)).toEqual(await fresh.readViews(seat, 0))
        }
      }),
      runs('roundsOnTwoNodes'),
    )
  })
})
