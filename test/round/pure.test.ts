import { SEATS } from '../../protocol/seat.ts'
import { describe, expect, it } from 'vitest'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import { judgeAction } from '../../protocol/round/rules/judge.ts'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { RoundFixture } from '../support/round-fixture.ts'
import { toSeatAction } from '../../protocol/round/play/partner.ts'

const throughJson = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T

describe.each(loadExercises('exercises').published())('$id: what the judge answers depends on the log alone', (exercise) => {
  it('is the same on the world in memory and on one folded anew from the rows', () => {
    const fixture = new RoundFixture(exercise)
    for (let turn = 0; turn < 200 && !fixture.world.over; turn++) {
      const [live, anew] = [foldEntries(fixture.entries), foldEntries(throughJson(fixture.entries))]
      for (const actor of SEATS) {
        const action = toSeatAction(fixture.world, actor, nextEngineAction(fixture.world, actor))
        const act = { actor, action, seen: fixture.views[actor].length }
        const tools = { worldAsSeen: () => expect.unreachable(), tls: TLS_TOOLS }
        const [one, other] = [anew, live].map((world) => {
          const { verdict, moments, after } = judgeAction(world, act, tools)
          return throughJson({ verdict, effects: moments.map(({ effect }) => effect), after })
        })
        expect(one).toEqual(other)
      }
      const seat = SEATS[turn % 2]!
      const what = nextEngineAction(fixture.world, seat)
      if (what.kind !== 'wait' || !fixture.world.seats[seat].waitRequested)
        fixture.act(seat, toSeatAction(fixture.world, seat, what))
    }
    expect(fixture.world.over).toBe('goal')
  })
})
