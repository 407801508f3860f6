/** What the turn bar and the clock make of a view. */
import { describe, expect, test } from 'vitest'
import { sweepDuration } from '../../client/src/round/clock-sweep.ts'
import { findWrongBits } from '../../client/src/round/wrong-bits.ts'
import { ACK, FIN } from '../../protocol/segment.ts'
import type { FindingView } from '../../protocol/round/view/seat-view.ts'

test('the clock sweeps over the 240 s of TIME-WAIT in 1.5 s, and over the way of a segment not at all', () => {
  expect(sweepDuration(240_000)).toBe(1500)
  expect(sweepDuration(1000)).toBe(300)
  expect(sweepDuration(50)).toBe(0)
})

describe('of the control bits are marked', () => {
  const finding = (misconception: FindingView['misconception'], field: FindingView['field'] = 'flags'): FindingView => ({
    kind: 'refusal',
    field,
    given: null,
    rule: '',
    misconception,
  })

  test('exactly those that the mistake is about, whether they are set or missing', () => {
    expect(findWrongBits([finding('fin-before-ready')])).toBe(FIN)
    expect(findWrongBits([finding('fin-before-ready'), finding('ack-bit-missing')])).toBe(FIN | ACK)
  })

  test('none where the refusal names none, or another field', () => {
    expect(findWrongBits([finding(null)])).toBe(0)
    expect(findWrongBits([finding('ack-bit-missing', 'ack')])).toBe(0)
  })
})
