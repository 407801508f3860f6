import { describe, expect, it } from 'vitest'
import { ACK } from '../../protocol/segment.ts'
import type { Field } from '../../protocol/findings.ts'
import type { ActView, FindingView } from '../../protocol/world/view.ts'
import { EMPTY_DRAFT, finish, type Draft, type Send } from '../../client/src/lib/draft.ts'
import { slotOf, wrongFields } from '../../client/src/student/slots.ts'

const finding = (field: Field, kind: FindingView['kind'] = 'refusal'): FindingView => ({
  kind,
  field,
  given: null,
  rule: 'RFC 9293 3.4',
  misconception: null,
})
const DRAFT: Draft = { ...EMPTY_DRAFT, bits: ACK, seq: 'x', ack: 'y', length: '20', state: 'ESTABLISHED' }
const refused = (...fields: Field[]): ActView => ({
  id: 'act',
  action: finish(DRAFT) as Send,
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
    expect(slotOf(refused(field), finding(field))).toBe(slot)
  })

  it('of a discard, and a remark on what has been sent, stand beside the buttons', () => {
    const discard: ActView = { ...refused('flags'), action: { type: 'discard', event: 1 } }
    expect(slotOf(discard, finding('flags'))).toBe('acts')
    expect(slotOf({ ...refused(), outcome: 'accepted' }, finding('flags', 'remark'))).toBe('acts')
  })

  it('marks its fields until they have been changed', () => {
    const act = refused('seq', 'payload', 'state')
    expect([...wrongFields(act, DRAFT)]).toEqual(['seq', 'length', 'state'])
    expect([...wrongFields(act, { ...DRAFT, seq: 'x+1', state: 'CLOSED' })]).toEqual(['length'])
  })

  it('of a claim marks the state alone', () => {
    const act: ActView = { ...refused('state'), action: { type: 'claim', event: 1, state: 'ESTABLISHED' } }
    expect([...wrongFields(act, DRAFT)]).toEqual(['state'])
    expect(wrongFields(act, { ...DRAFT, state: 'CLOSED' }).size).toBe(0)
  })

  it('marks nothing once something else has been done', () => {
    expect(wrongFields({ ...refused('seq'), outcome: 'accepted' }, DRAFT).size).toBe(0)
    expect(wrongFields(null, DRAFT).size).toBe(0)
  })
})
