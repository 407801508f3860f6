import { describe, expect, it } from 'vitest'
import { ACK, FIN, PSH, RST, SYN, URG } from '../../protocol/segment.ts'
import { interpretKey, type KeyStroke } from '../../client/src/student/keyboard.ts'

const stroke = (key: string, more: Partial<KeyStroke> = {}): KeyStroke => ({
  key,
  focus: 'page',
  composing: false,
  modified: false,
  repeated: false,
  ...more,
})

describe('keys', () => {
  it.each([
    ['s', SYN],
    ['A', ACK],
    ['f', FIN],
    ['r', RST],
    ['p', PSH],
    ['u', URG],
  ] as const)('%s turns its control bit', (key, bit) => {
    expect(interpretKey(stroke(key), true)).toEqual({ kind: 'toggle', bit })
  })

  it('letters belong to a field that has the focus', () => {
    for (const where of ['field', 'select', 'message', 'other-text-field'] as const)
      expect(interpretKey(stroke('s', { focus: where }), true)).toBeNull()
  })

  it('letters can be switched off; Enter, ? and Escape stay', () => {
    expect(interpretKey(stroke('s'), false)).toBeNull()
    expect(interpretKey(stroke('Enter'), false)).toEqual({ kind: 'send' })
    expect(interpretKey(stroke('?', { focus: 'field' }), false)).toEqual({ kind: 'why' })
    expect(interpretKey(stroke('Escape', { focus: 'field' }), false)).toEqual({ kind: 'blur' })
  })

  it('Enter sends from the fields, and presses a button that has the focus', () => {
    for (const where of ['page', 'field', 'select'] as const) {
      expect(interpretKey(stroke('Enter', { focus: where }), true)).toEqual({ kind: 'send' })
    }
    expect(interpretKey(stroke('Enter', { focus: 'button' }), true)).toBeNull()
  })

  it.each(['Enter', 's', '?', 'Escape'])('%s is the input method’s while it is composing', (key) => {
    expect(interpretKey(stroke(key, { composing: true, focus: 'field' }), true)).toBeNull()
    expect(interpretKey(stroke(key, { composing: true }), true)).toBeNull()
  })

  it('shortcuts of the browser and held keys are left alone', () => {
    expect(interpretKey(stroke('r', { modified: true }), true)).toBeNull()
    expect(interpretKey(stroke('Enter', { repeated: true }), true)).toBeNull()
  })

  it('h moves to the hint and does not buy it', () => {
    expect(interpretKey(stroke('h'), true)).toEqual({ kind: 'focus-hint' })
  })

  it.each(['Escape', 'Enter', 's', 'w', '?'])('%s is the dialog’s while one is open', (key) => {
    expect(interpretKey(stroke(key, { focus: 'dialog' }), true)).toBeNull()
  })
})
