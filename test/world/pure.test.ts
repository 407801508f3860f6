import { describe, expect, it } from 'vitest'
import { answer } from '../../protocol/world/answer.ts'
import { fold } from '../../protocol/world/apply.ts'
import { SEATS } from '../../protocol/world/exercise.ts'
import { judge } from '../../protocol/world/judge.ts'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls.ts'
import { Stage } from '../support/stage.ts'
import { written } from '../../protocol/world/partner.ts'

const throughJson = <T>(value: T) => JSON.parse(JSON.stringify(value)) as T

describe.each(loadExercises('exercises').all())('$id: what the judge answers depends on the log alone', (exercise) => {
  it('is the same on the world in memory and on one folded anew from the rows', () => {
    const stage = new Stage(exercise)
    for (let turn = 0; turn < 200 && !stage.world.over; turn++) {
      const [live, anew] = [fold(stage.entries), fold(throughJson(stage.entries))]
      for (const actor of SEATS) {
        const action = written(stage.world, actor, answer(stage.world, actor))
        const act = { actor, action, seen: stage.views[actor].length }
        const tools = { seen: () => expect.unreachable(), tls: TLS_TOOLS }
        expect(throughJson(judge(anew, act, tools))).toEqual(throughJson(judge(live, act, tools)))
      }
      const seat = SEATS[turn % 2]!
      const what = answer(stage.world, seat)
      if (what.act !== 'wait' || !stage.world.seats[seat].lodged) stage.act(seat, written(stage.world, seat, what))
    }
    expect(stage.world.over).toBe('goal')
  })
})
