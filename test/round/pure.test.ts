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
    const stage = new RoundFixture(exercise)
    for (let turn = 0; turn < 200 && !stage.world.over; turn++) {
      const [live, anew] = [foldEntries(stage.entries), foldEntries(throughJson(stage.entries))]
      for (const actor of SEATS) {
        const action = toSeatAction(stage.world, actor, nextEngineAction(stage.world, actor))
        const act = { actor, action, seen: stage.views[actor].length }
        const tools = { worldAsSeen: () => expect.unreachable(), tls: TLS_TOOLS }
        const [one, other] = [anew, live].map((world) => {
          const { verdict, moments, after } = judgeAction(world, act, tools)
          return throughJson({ verdict, effects: moments.map(({ effect }) => effect), after })
        })
        expect(one).toEqual(other)
      }
      const seat = SEATS[turn % 2]!
      const what = nextEngineAction(stage.world, seat)
      if (what.kind !== 'wait' || !stage.world.seats[seat].waitRequested) stage.act(seat, toSeatAction(stage.world, seat, what))
    }
    expect(stage.world.over).toBe('goal')
  })
})
