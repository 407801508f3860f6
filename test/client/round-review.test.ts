import { expect, test } from 'vitest'
import { readTimeline } from '../../protocol/round/fold/timeline.ts'
import { listDeductions } from '../../client/src/timeline/round-review.ts'
import { loadExercises } from '../../exercises/load.ts'
import { RoundFixture } from '../support/round-fixture.ts'

test('each deduction is named with its step and its reason, as the student’s own views name the step', () => {
  const fixture = new RoundFixture(loadExercises('exercises').get('handshake')!)
  fixture.play(({ hosts }) => hosts.client.received.includes('SYN'))
  fixture.send('client', 'A', 'x+1', 'y', 'ESTABLISHED')
  fixture.act('client', { kind: 'hint' })
  fixture.play()
  const deductions = listDeductions(readTimeline(fixture.entries), 'client')
  expect(deductions).toMatchObject([
    { eighths: 2, rung: null, findings: [{ field: 'ack', given: 'y', misconception: 'syn-consumes-one' }] },
    { eighths: 1, rung: 1, findings: [] },
  ])
  const shown = fixture.views.client.at(-1)?.now.milestones?.map(({ id }) => id)
  for (const { milestone } of deductions) expect(shown).toContain(milestone)
  expect(listDeductions(readTimeline(fixture.entries), 'server')).toEqual([])
})
