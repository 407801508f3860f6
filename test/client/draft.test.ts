import { describe, expect, it } from 'vitest'
import { ACK, SYN } from '../../protocol/segment.ts'
import { EMPTY_DRAFT, buildSendAction, matchesSegment, type FormDraft, type SendAction } from '../../client/src/round/form-draft.ts'

const draft = (more: Partial<FormDraft> = {}): FormDraft => ({ ...EMPTY_DRAFT, bits: SYN, seq: 'x', state: 'SYN-SENT', ...more })

describe('a draft', () => {
  it('becomes the segment as it was typed', () => {
    expect(buildSendAction(draft({ bits: SYN | ACK, seq: ' ｙ ', ack: 'x+1', length: '20' }))).toEqual({
      kind: 'send',
      segment: { bits: SYN | ACK, seq: 'ｙ', ack: 'x+1', length: 20 },
      state: 'SYN-SENT',
    })
  })

  it('has no acknowledgment number without the ACK bit, whatever was typed before', () => {
    expect((buildSendAction(draft({ ack: 'y+1' })) as SendAction).segment.ack).toBe('')
  })

  it('has no window of its own unless one is typed', () => {
    expect((buildSendAction(draft()) as SendAction).segment).not.toHaveProperty('window')
    expect((buildSendAction(draft({ window: '0' })) as SendAction).segment.window).toBe(0)
  })

  it.each([
    [{ seq: ' ' }, 'seq'],
    [{ bits: ACK }, 'ack'],
    [{ length: 'x' }, 'length'],
    [{ length: '65536' }, 'length'],
    [{ window: '-1' }, 'window'],
    [{ state: '' }, 'state'],
  ] as const)('with %o is not finished: %s', (more, field) => {
    expect(buildSendAction(draft(more))).toBe(field)
  })

  it.each(['1 460', '1,460', '１４６０', '1\u202f460'])('takes %s for 1460 octets', (length) => {
    expect((buildSendAction(draft({ length })) as SendAction).segment.length).toBe(1460)
  })

  it('is the same segment until a field that counts is changed', () => {
    const sent = buildSendAction(draft()) as SendAction
    expect(matchesSegment(draft({ seq: ' x' }), sent)).toBe(true)
    expect(matchesSegment(draft({ ack: 'ignored' }), sent)).toBe(true)
    expect(matchesSegment(draft({ seq: 'x+1' }), sent)).toBe(false)
    expect(matchesSegment(draft({ state: '' }), sent)).toBe(false)
  })
})
