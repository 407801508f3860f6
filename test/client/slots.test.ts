import { describe, expect, it } from 'vitest'
import { ACK } from '../../protocol/segment.ts'
import type { FindingField } from '../../protocol/findings.ts'
import type { ActView, FindingView } from '../../protocol/round/view/seat-view.ts'
import { EMPTY_DRAFT, buildSendAction, type FormDraft, type SendAction } from '../../client/src/round/form-draft.ts'
import { selectSlot, listWrongFields } from '../../client/src/round/feedback-slots.ts'

const finding = (field: FindingField, kind: FindingView['kind'] = 'refusal'): FindingView => ({
  kind,
  field,
  given: null,
  rule: 'RFC 9293 3.4',
  misconception: null,
})
const DRAFT: FormDraft = { ...EMPTY_DRAFT, bits: ACK, seq: 'x', ack: 'y', length: '20', state: 'ESTABLISHED' }
const refused = (...fields: FindingField[]): ActView => ({
  id: 'act',
  action: buildSendAction(DRAFT) as SendAction,
  outcome: 'refused',
  findings: fields.map((field) => finding(field)),
})

describe('a refusal', () => {
  it.each([
    ['flags', 'flags'],
    ['seq', 'numbers'],
    ['ack', 'numbers'],
    ['payload', 'numbers'],
    ['window', 'numbers'],
    ['state', 'state'],
  ] as const)('of %s stands beside it', (field, slot) => {
    expect(selectSlot(refused(field), finding(field))).toBe(slot)
  })

  it('of a discard, and a remark on what has been sent, stand beside the buttons', () => {
    const discard: ActView = { ...refused('flags'), action: { kind: 'discard', event: 1 } }
    expect(selectSlot(discard, finding('flags'))).toBe('acts')
    expect(selectSlot({ ...refused(), outcome: 'accepted' }, finding('flags', 'remark'))).toBe('acts')
  })

  it('marks its fields until they have been changed', () => {
    const act = refused('seq', 'payload', 'state')
    expect([...listWrongFields(act, DRAFT)]).toEqual(['seq', 'length', 'state'])
    expect([...listWrongFields(act, { ...DRAFT, seq: 'x+1', state: 'CLOSED' })]).toEqual(['length'])
  })

  it('of a claim marks the state alone', () => {
    const act: ActView = { ...refused('state'), action: { kind: 'claim', event: 1, state: 'ESTABLISHED' } }
    expect([...listWrongFields(act, DRAFT)]).toEqual(['state'])
    expect(listWrongFields(act, { ...DRAFT, state: 'CLOSED' }).size).toBe(0)
  })

  it('marks nothing once something else has been done', () => {
    expect(listWrongFields({ ...refused('seq'), outcome: 'accepted' }, DRAFT).size).toBe(0)
    expect(listWrongFields(null, DRAFT).size).toBe(0)
  })
})
