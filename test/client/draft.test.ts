import { describe, expect, it } from 'vitest'
import { ACK, SYN } from '../../protocol/segment.ts'
import { EMPTY_DRAFT, finish, sameSegment, type Draft, type Send } from '../../client/src/lib/draft.ts'

const draft = (more: Partial<Draft> = {}): Draft => ({ ...EMPTY_DRAFT, bits: SYN, seq: 'x', state: 'SYN-SENT', ...more })

describe('a draft', () => {
  it('becomes the segment as it was typed', () => {
    expect(finish(draft({ bits: SYN | ACK, seq: ' ｙ ', ack: 'x+1', length: '20' }))).toEqual({
      type: 'send',
      segment: { bits: SYN | ACK, seq: 'ｙ', ack: 'x+1', length: 20 },
      state: 'SYN-SENT',
    })
  })

  it('has no acknowledgment number without the ACK bit, whatever was typed before', () => {
    expect((finish(draft({ ack: 'y+1' })) as Send).segment.ack).toBe('')
  })

  it('has no window of its own unless one is typed', () => {
    expect((finish(draft()) as Send).segment).not.toHaveProperty('window')
    expect((finish(draft({ window: '0' })) as Send).segment.window).toBe(0)
  })

  it.each([
    [{ seq: ' ' }, 'seq'],
    [{ bits: ACK }, 'ack'],
    [{ length: 'x' }, 'length'],
    [{ length: '65536' }, 'length'],
    [{ window: '-1' }, 'window'],
    [{ state: '' }, 'state'],
  ] as const)('with %o is not finished: %s', (more, field) => {
    expect(finish(draft(more))).toBe(field)
  })

  it.each(['1 460', '1,460', '１４６０', '1\u202f460'])('takes %s for 1460 octets', (length) => {
    expect((finish(draft({ length })) as Send).segment.length).toBe(1460)
  })

  it('is the same segment until a field that counts is changed', () => {
    const sent = finish(draft()) as Send
    expect(sameSegment(draft({ seq: ' x' }), sent)).toBe(true)
    expect(sameSegment(draft({ ack: 'ignored' }), sent)).toBe(true)
    expect(sameSegment(draft({ seq: 'x+1' }), sent)).toBe(false)
    expect(sameSegment(draft({ state: '' }), sent)).toBe(false)
  })
})
